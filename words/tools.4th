\ Tools: the TOOLS word set with its extensions, but for WORDS, .S, SEE, BYE and AHEAD, which stand
\ elsewhere, and for [IF] and its like, which need REFILL.
\
\ A name token is an execution token. That of a synonym is not the one that ' gives, which is that of
\ the word meant.

\ ---- Looking at memory -------------------------------------------------------------------------

: ? ( a-addr -- ) @ . ;

\ In hexadecimal and at full width, whatever BASE is.
: (HEX.) ( u width -- )
  BASE @ >R HEX >R 0 <# R> 0 ?DO # LOOP #> TYPE R> BASE ! ;
: (GRAPHIC) ( char -- char ) DUP 32 127 WITHIN 0= IF DROP 46 THEN ;
\ One line: the address, up to 16 bytes as numbers, the same as characters.
: (DUMP-LINE) ( addr u -- )
  OVER 8 (HEX.) SPACE
  16 0 DO
    I 8 = IF SPACE THEN SPACE
    DUP I > IF OVER I + C@ 2 (HEX.) ELSE 2 SPACES THEN
  LOOP
  2 SPACES OVER + SWAP ?DO I C@ (GRAPHIC) EMIT LOOP CR ;
: DUMP ( addr u -- )
  (RANGE) (BELOW) BEGIN DUP WHILE 2DUP 16 MIN (DUMP-LINE) DUP 16 MIN /STRING REPEAT 2DROP ;

\ ---- Putting cells away ------------------------------------------------------------------------
\
\ How many cells a function has on the return stack must be known before it runs. So N>R puts its
\ cells elsewhere, and on the return stack only how many lie there then; NR> takes them from there,
\ and forgets all that was put away since and never taken back. CATCH does the same.

: (PUT-AT) ( n -- a-addr ) CELLS (PUT-AWAY) + ;
: (PUT) ( x -- ) (PUT-DEPTH) @ TUCK (PUT-AT) ! 1+ (PUT-DEPTH) ! ;
: (N>R) ( i*x +n -- depth )
  DUP 0< IF -24 THROW THEN
  DUP DEPTH 1- > IF -4 THROW THEN
  (PUT-DEPTH) @ OVER + (PUT-AWAY-LIMIT) < 0= IF -5 THROW THEN
  DUP >R BEGIN DUP WHILE SWAP (PUT) 1- REPEAT DROP R> (PUT) (PUT-DEPTH) @ ;
: (NR>) ( depth -- i*x +n )
  DUP 1 (PUT-DEPTH) @ 1+ WITHIN 0= IF -25 THROW THEN
  1- DUP (PUT-AT) @ 2DUP U< IF -25 THROW THEN
  DUP >R BEGIN DUP WHILE SWAP 1- DUP (PUT-AT) @ SWAP ROT 1- REPEAT DROP
  (PUT-DEPTH) ! R> ;
: N>R ( -- ) POSTPONE (N>R) POSTPONE >R ; IMMEDIATE COMPILE-ONLY
: NR> ( -- ) POSTPONE R> POSTPONE (NR>) ; IMMEDIATE COMPILE-ONLY

\ ---- The control-flow stack, which is the data stack -------------------------------------------

: CS-PICK ( destu … dest0 u -- destu … dest0 destu ) PICK ;
: CS-ROLL ( origu … orig0 u -- origu-1 … orig0 origu ) (roll) ;

\ ---- Names -------------------------------------------------------------------------------------

\ The word that a synonym stands for.
: (MEANT) ( nt -- xt ) DUP (word-flags) 1024 AND IF (word-body) THEN ;
\ All flags that count when the word is found by its name.
: (ALL-FLAGS) ( nt -- u ) DUP (word-flags) SWAP (MEANT) (word-flags) OR ;
: NAME>STRING ( nt -- c-addr u ) (word-name) ;
: NAME>INTERPRET ( nt -- xt | 0 ) DUP (ALL-FLAGS) 2 AND IF DROP 0 ELSE (MEANT) THEN ;
: NAME>COMPILE ( nt -- x xt )
  DUP (MEANT) SWAP (ALL-FLAGS) 1 AND IF ['] EXECUTE ELSE ['] COMPILE, THEN ;
: SYNONYM ( "name1" "name2" -- ) (NAME) ' 1040 SWAP (header) DROP ;
\ From the youngest word to the oldest.
: TRAVERSE-WORDLIST ( i*x xt wid -- j*x )
  2>R (word-count)
  BEGIN R@ SWAP (older) DUP WHILE
    DUP 2R@ DROP SWAP >R EXECUTE R> SWAP
  WHILE REPEAT THEN DROP 2R> 2DROP ;
: FORGET ( "name" -- ) (NAME) GET-CURRENT (find-name-in) DUP 0= IF -13 THROW THEN (forget) ;
: [DEFINED] ( "name" -- flag ) PARSE-NAME (find) NIP 0<> ; IMMEDIATE
: [UNDEFINED] ( "name" -- flag ) PARSE-NAME (find) NIP 0= ; IMMEDIATE

\ ---- Definitions made of instructions ----------------------------------------------------------
\
\ Machine code is bytecode, which is verified like any other. The build script puts every instruction
\ that needs no operand into the word list ASSEMBLER, under its mnemonic: running it adds it to the
\ definition.

4 VOCABULARY ASSEMBLER
: CODE ( "name" -- colon-sys ) (NAME) (begin-definition) (COLON-SYS) ALSO 4 (VOCABULARY) ;
: ;CODE ( colon-sys -- colon-sys ) (does>) 0 STATE ! ALSO 4 (VOCABULARY) ; IMMEDIATE COMPILE-ONLY
4 SET-CURRENT
: END-CODE ( colon-sys -- ) (END) PREVIOUS ;
: # ( x -- ) (literal) ;
: CALL ( xt -- ) (compile,) ;
: IF, ( -- orig ) (if) ;
: ELSE, ( orig1 -- orig2 ) (ahead) SWAP (then) ;
: THEN, ( orig -- ) (then) ;
: BEGIN, ( -- dest ) (begin) ;
: AGAIN, ( dest -- ) (again) ;
: UNTIL, ( dest -- ) (until) ;
: WHILE, ( dest -- orig dest ) (if) SWAP ;
: REPEAT, ( orig dest -- ) (again) (then) ;
1 SET-CURRENT
