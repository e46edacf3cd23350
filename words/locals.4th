\ Locals: the LOCALS word set with its extensions.
\
\ A local is a cell of the return stack that the definition reaches by name. The compiler knows the
\ names, and finds them before the dictionary's; nothing of them is left when the definition is done.

\ Message to the compiler: another local, or, with an empty name, that there are no more.
: (LOCAL) ( c-addr u -- )
  DUP IF (add-local) ELSE 2DROP 0 TRUE (declare-locals) THEN ; COMPILE-ONLY

: (BAR?) ( c-addr u -- flag ) 1 = SWAP C@ 124 = AND ;
: LOCALS| ( "names" -- )
  BEGIN (NAME) 2DUP (BAR?) 0= WHILE (add-local) REPEAT 2DROP 0 TRUE (declare-locals) ;
  IMMEDIATE COMPILE-ONLY

\ The next name, on a later line if need be. A block has no lines to go on with, and a string none.
: (NAME-OR-REFILL) ( "name" -- c-addr u )
  BEGIN PARSE-NAME DUP 0= WHILE
    2DROP BLK @ IF FALSE ELSE (NEXT-LINE) THEN 0= IF -16 THROW THEN
  REPEAT ;
\ Whether a string is these two characters.
: (PAIR?) ( c-addr u char1 char2 -- flag )
  2SWAP 2 <> IF DROP 2DROP FALSE EXIT THEN
  DUP 1+ C@ ROT = >R C@ = R> AND ;
: (END?) ( c-addr u -- flag ) 58 125 (PAIR?) ;
\ What ends a list of names.
: (LIST-END?) ( c-addr u -- flag ) 2DUP (BAR?) >R 2DUP (END?) >R 45 45 (PAIR?) 2R> OR OR ;
: (NAMES) ( "names" -- c-addr u n )
  0 BEGIN (NAME-OR-REFILL) 2DUP (LIST-END?) 0= WHILE (add-local) 1+ REPEAT ROT ;
: {: ( "names" -- )
  (NAMES) DROP
  2DUP (BAR?) IF 2DROP (NAMES) ELSE 0 THEN >R
  2DUP (BAR?) IF -32 THROW THEN
  BEGIN 2DUP (END?) 0= WHILE 2DROP (NAME-OR-REFILL) REPEAT 2DROP
  R> FALSE (declare-locals) ; IMMEDIATE COMPILE-ONLY
