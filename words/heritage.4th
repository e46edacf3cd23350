\ Heritage: words of FORTH-79 and its systems that Forth-2012 lacks, over tokens instead of addresses.
\
\ A name field and a code field are the word's token; a link is the token of the next older word in the
\ same word list. The word list FORTH-79 has those words whose old meaning is not the standard's.

\ ---- Vocabularies ------------------------------------------------------------------------------

2 VOCABULARY FORTH-79
: VOCABULARY ( "name" -- )
  (NAME) 2052 0 (header) (wordlist)
  2DUP SWAP (set-body) OVER ['] (VOCABULARY) SWAP (as) (name-list) ;
\ The cells where the list is that is searched first, and the one that new words go to.
: CONTEXT ( -- a-addr ) (ORDER) ;
: CURRENT ( -- a-addr ) (CURRENT) ;
\ Makes the words of FORTH-79 those that are found first.
: 79-STANDARD ( -- ) (ORDER) @ 2 <> IF ALSO 2 (VOCABULARY) THEN ;

\ ---- Words and their parts ---------------------------------------------------------------------

\ The youngest word of the list that new words go to.
: LATEST ( -- nt ) GET-CURRENT (word-count) (older) ;
: >NAME ( xt -- nt ) DUP (word-flags) DROP ;
: NAME> ( nt -- xt ) (MEANT) ;
: >LINK ( xt -- link ) DUP (list-of) DUP 0= IF NIP EXIT THEN SWAP (older) ;
: LINK> ( link -- xt ) >NAME ;
: CFA ( nt -- xt ) NAME> ;
: NFA ( xt -- nt ) >NAME ;
: LFA ( xt -- link ) >LINK ;
: PFA ( xt -- a-addr ) >BODY ;
\ From one end of a name field to the other: a token is both.
: TRAVERSE ( nt n -- nt ) ABS 1 <> IF -24 THROW THEN >NAME ;
\ Hides a word, or shows it again.
: HIDDEN ( xt -- ) (hide) ;
: SMUDGE ( -- ) (LATEST) @ (hide) ;

\ ---- Compiling ---------------------------------------------------------------------------------

: COMPILE ( "name" -- ) ' (literal) POSTPONE COMPILE, ; IMMEDIATE COMPILE-ONLY

\ ---- Where FORTH-79 means something else -------------------------------------------------------

2 SET-CURRENT
: PICK ( xu … x1 u -- xu … x1 xu ) 1- PICK ;
: ROLL ( xu … x1 u -- xu-1 … x1 xu ) 1- (roll) ;
: NOT ( x -- flag ) 0= ;
: FIND ( "name" -- xt | 0 ) (NAME) (find) DROP ;
1 SET-CURRENT
