\ Word lists: the SEARCH word set with its extensions.
\
\ A word list is named by a number from 1. The search order and the list that new words go to are
\ cells of data space; the primitives that find and define look at them.

: FORTH-WORDLIST ( -- wid ) 1 ;
: WORDLIST ( -- wid ) (wordlist) ;
\ Refuses what is no word list.
: (LIST) ( wid -- wid ) DUP (list-word) DROP ;

\ ---- The search order --------------------------------------------------------------------------

: (PLACE) ( n -- a-addr ) CELLS (ORDER) + ;
: GET-ORDER ( -- widn … wid1 n )
  (ORDER-COUNT) @ >R R@ BEGIN DUP WHILE 1- DUP (PLACE) @ SWAP REPEAT DROP R> ;
: ONLY ( -- ) FORTH-WORDLIST (ORDER) ! 1 (ORDER-COUNT) ! ;
\ All of it is looked at before any of it is changed.
: SET-ORDER ( widn … wid1 n -- )
  DUP -1 = IF DROP ONLY EXIT THEN
  DUP 0< IF -50 THROW THEN
  DUP (ORDER-LIMIT) > IF -49 THROW THEN
  >R 0 BEGIN DUP R@ < WHILE DUP 1+ PICK (LIST) DROP 1+ REPEAT DROP
  R@ (ORDER-COUNT) !
  0 BEGIN DUP R@ < WHILE TUCK (PLACE) ! 1+ REPEAT DROP R> DROP ;

: (SEARCHED) ( -- n ) (ORDER-COUNT) @ DUP 0= IF -50 THROW THEN ;
\ Puts a list in the place of the one that is searched first.
: (VOCABULARY) ( wid -- ) (LIST) (ORDER-COUNT) @ 1 MAX (ORDER-COUNT) ! (ORDER) ! ;
1 VOCABULARY FORTH
: ALSO ( -- )
  (SEARCHED) DUP (ORDER-LIMIT) = IF -49 THROW THEN
  (ORDER) DUP CELL+ 2 PICK CELLS MOVE 1+ (ORDER-COUNT) ! ;
: PREVIOUS ( -- )
  (SEARCHED) 1- (ORDER) DUP CELL+ SWAP 2 PICK CELLS MOVE (ORDER-COUNT) ! ;

\ ---- Where new words go ------------------------------------------------------------------------

: GET-CURRENT ( -- wid ) (CURRENT) @ ;
: SET-CURRENT ( wid -- ) (LIST) (CURRENT) ! ;
: DEFINITIONS ( -- ) (SEARCHED) DROP (ORDER) @ SET-CURRENT ;

\ ---- Looking up --------------------------------------------------------------------------------

: SEARCH-WORDLIST ( c-addr u wid -- 0 | xt 1 | xt -1 )
  (find-in) DUP IF 0< 2* 1+ ELSE NIP THEN ;

\ ---- Showing -----------------------------------------------------------------------------------

\ A list's name is that of the word that stands for it.
: (LIST.) ( wid -- )
  DUP (list-word) ?DUP IF NIP (word-name) TYPE ELSE ." wordlist " (PLAIN) THEN SPACE ;
: ORDER ( -- )
  ." search: " (ORDER-COUNT) @ 0 ?DO I (PLACE) @ (LIST.) LOOP ."  into: " GET-CURRENT (LIST.) ;
