\ Strings: the STRING word set with its extensions. SLITERAL is a core word.
\
\ What goes through long ranges is a primitive, or a loop over MOVE; both can be stopped on the way.

\ Refuses a range that does not lie in data space as a whole, which is one piece.
: (RANGE) ( c-addr u -- c-addr u )
  DUP 0< IF -9 THROW THEN
  DUP IF OVER C@ DROP 2DUP + 1- C@ DROP THEN ;

\ ---- Parts of strings --------------------------------------------------------------------------

: /STRING ( c-addr1 u1 n -- c-addr2 u2 ) ROT OVER + -ROT - ;
: -TRAILING ( c-addr u1 -- c-addr u2 )
  (RANGE) BEGIN DUP WHILE 2DUP + 1- C@ BL = WHILE 1- REPEAT THEN ;

\ ---- Filling and copying -----------------------------------------------------------------------

: BLANK ( c-addr u -- ) BL (fill) ;
\ Copied byte by byte, what lies between two overlapping ranges is repeated through the upper one.
\ MOVE does that in pieces: each copies all there is already, so the next can be twice as long.
: CMOVE ( c-addr1 c-addr2 u -- )
  BEGIN 2 PICK 2 PICK SWAP - DUP 0> >R 2DUP > R> AND WHILE
    >R (RANGE) 2 PICK 2 PICK R@ MOVE SWAP R@ + SWAP R> -
  REPEAT DROP MOVE ;
: CMOVE> ( c-addr1 c-addr2 u -- )
  BEGIN 2 PICK 2 PICK - DUP 0> >R 2DUP > R> AND WHILE
    >R (RANGE) 2 PICK OVER + R@ - 2 PICK 2 PICK + R@ - R@ MOVE ROT R@ + -ROT R> -
  REPEAT DROP MOVE ;

\ ---- Comparing and searching -------------------------------------------------------------------

: (SIGN-OF) ( n1 n2 -- -1 | 0 | 1 ) 2DUP < -ROT > - ;
: COMPARE ( c-addr1 u1 c-addr2 u2 -- n )
  ROT SWAP 2DUP 2>R MIN (mismatch)
  IF C@ SWAP C@ SWAP 2R> 2DROP ELSE 2DROP 2R> THEN (SIGN-OF) ;
: SEARCH ( c-addr1 u1 c-addr2 u2 -- c-addr3 u3 flag )
  2OVER 2>R 0 (search) IF 2R> 2DROP TRUE ELSE 2DROP 2R> FALSE THEN ;

\ ---- Substitution ------------------------------------------------------------------------------
\
\ A substitution is a word that cannot be typed, because there is a blank in its name; so MARKER
\ forgets it. It lies in FORTH-WORDLIST, whatever is searched. Its body is the address of three parts: how long the text may be, how long it is, and
\ the text.

37 CONSTANT (PERCENT)

USER (S-START)    \ first character of the result
USER (S-LIMIT)    \ most bytes it may have
USER (S-LENGTH)   \ bytes it has
USER (S-COUNT)    \ substitutions made, or -78 if something did not fit

\ The characters before the first delimiter.
: (BEFORE) ( c-addr u1 -- c-addr u2 )
  OVER SWAP BEGIN DUP WHILE OVER C@ (PERCENT) <> WHILE 1 /STRING REPEAT THEN
  DROP OVER - ;
: (S-NAME?) ( c-addr u -- flag )
  DUP 1 (LINE-BUFFER-SIZE) 2 - WITHIN IF TUCK (BEFORE) NIP = ELSE 2DROP FALSE THEN ;
\ The name of the word that is the substitution.
: (S-WORD) ( c-addr1 u1 -- c-addr2 u2 )
  TUCK (LINE-BUFFER) 3 + SWAP MOVE
  40 (LINE-BUFFER) C! (PERCENT) (LINE-BUFFER) 1+ C! BL (LINE-BUFFER) 2 + C!
  (LINE-BUFFER) SWAP 3 + ;
: (S-FIND) ( c-addr u -- xt flag ) 2DUP (S-NAME?) IF (S-WORD) 1 (find-in) ELSE 2DROP 0 0 THEN ;

\ Where u bytes of text go: addr1 if there is such a place and it is large enough, else a new one.
: (S-ROOM) ( u addr1 | u 0 -- addr2 )
  DUP IF 2DUP @ > 0= IF NIP EXIT THEN THEN
  DROP ALIGN HERE SWAP DUP , 0 , (allot) ;
: (S-KEEP) ( c-addr u addr -- ) 2DUP 2>R CELL+ CELL+ SWAP MOVE 2R> CELL+ ! ;
: REPLACES ( c-addr1 u1 c-addr2 u2 -- )
  2DUP (S-NAME?) 0= IF -79 THROW THEN
  2SWAP (RANGE) 2SWAP 2DUP (S-FIND) IF
    NIP NIP DUP >R (word-body) OVER SWAP (S-ROOM) DUP >R (S-KEEP) 2R> SWAP (set-body)
  ELSE
    DROP 2>R DUP 0 (S-ROOM) DUP >R (S-KEEP)
    R> 2R> ROT >R (S-WORD) 4 R> 1 (header-in) DROP
  THEN ;

: (S-ADD) ( c-addr u -- )
  (S-COUNT) @ 0< OVER (S-LIMIT) @ (S-LENGTH) @ - > OR IF 2DROP -78 (S-COUNT) ! EXIT THEN
  DUP >R (S-START) @ (S-LENGTH) @ + SWAP MOVE R> (S-LENGTH) +! ;
: (S-REPLACE) ( xt -- ) 1 (S-COUNT) +! (word-body) CELL+ DUP CELL+ SWAP @ (S-ADD) ;
\ A name with its delimiters.
: (S-NAMED) ( c-addr u -- )
  DUP 2 = IF 1- (S-ADD) EXIT THEN
  2DUP 2 - SWAP 1+ SWAP (S-FIND) IF NIP NIP (S-REPLACE) ELSE DROP (S-ADD) THEN ;
\ What comes before the next delimiter, and the name after it; all of the text if no name ends.
: (S-STEP) ( c-addr1 u1 -- c-addr2 u2 )
  2DUP (BEFORE) DUP >R (S-ADD) R> /STRING
  DUP 0= IF EXIT THEN
  2DUP 1 /STRING (BEFORE) NIP 2 +
  2DUP < IF DROP 2DUP (S-ADD) DUP /STRING EXIT THEN
  >R OVER R@ (S-NAMED) R> /STRING ;
: SUBSTITUTE ( c-addr1 u1 c-addr2 u2 -- c-addr2 u3 n )
  (RANGE) 2SWAP (RANGE) 2SWAP
  (S-LIMIT) ! (S-START) ! 0 (S-LENGTH) ! 0 (S-COUNT) !
  OVER (S-START) @ = IF -78 (S-COUNT) ! THEN
  BEGIN DUP (S-COUNT) @ 0< 0= AND WHILE (S-STEP) REPEAT 2DROP
  (S-START) @ (S-LENGTH) @ (S-COUNT) @ ;
: UNESCAPE ( c-addr1 u1 c-addr2 -- c-addr2 u2 )
  >R (RANGE) R> DUP 2SWAP OVER + SWAP ?DO
    I C@ DUP (PERCENT) = IF 2DUP SWAP C! SWAP 1+ SWAP THEN OVER C! 1+
  LOOP OVER - ;
