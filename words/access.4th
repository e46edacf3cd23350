\ Word access control: which words a program may use.
\
\ A word comes under control when its access is first changed. Where code names it from then on, it is
\ called by its token, and access is checked: at every use, or again when so many cost units have gone
\ by since the last check. docs/FORTH.md says what a use is, and what holds for older code.

: ACL-WORD-ID ( xt -- u ) (acl-id) ;
\ 0 checks at every use, 1 trusts what a check found for as many cost units as ACL-TTL! has said.
: ACL-MODE@ ( xt -- n ) 0 (acl@) ;
: ACL-MODE! ( n xt -- ) 0 (acl!) ;
: ACL-TTL@ ( xt -- u ) 1 (acl@) ;
: ACL-TTL! ( u xt -- ) 1 (acl!) ;
: ACL-ALLOW@ ( xt -- flag ) 2 (acl@) ;
: ACL-ALLOW! ( flag xt -- ) 2 (acl!) ;
: ACL-PINNED? ( xt -- flag ) 3 (acl@) ;
: ACL-HEAT@ ( xt -- u ) 4 (acl@) ;
: ACL-PIN ( xt -- ) (acl-pin) ;
: ACL-INHERIT ( xt1 xt2 -- ) (acl-inherit) ;
\ What was refused and what was changed, the latest last, each after the cost units used until then.
: .ACL-LOG ( -- ) (BELOW) 0 BEGIN DUP (acl-line) WHILE 1+ REPEAT DROP ;
