\ Texts, and the words in them.

2variable pending   \ what of the text is still to be looked at

: text! ( c-addr u -- ) pending 2! ;
: upper? ( char -- flag ) [char] A [char] Z 1+ within ;
: lower-char ( char1 -- char2 ) dup upper? if 32 or then ;
: letter? ( char -- flag ) lower-char [char] a [char] z 1+ within ;
: lower ( c-addr u -- ) over + swap ?do i c@ lower-char i c! loop ;

: skip-others ( -- )
  pending 2@ begin dup while over c@ letter? 0= while 1 /string repeat then pending 2! ;
: word-length ( -- u )
  pending 2@ 0 begin 2dup > while 2 pick over + c@ letter? while 1+ repeat then nip nip ;
: next-word ( -- c-addr u )
  skip-others pending 2@ drop word-length dup pending 2@ rot /string pending 2! ;
