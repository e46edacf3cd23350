\ The core words: what of the language is written in the language.
\
\ Compiled when the system is built, by the same builder that compiles definitions at the prompt.
\ Words in parentheses are the system's own: primitives in lower case, everything else in capitals.
\ Read from the top: each part uses only what stands above it.

\ ---- Constants ---------------------------------------------------------------------------------

32 CONSTANT BL
0 CONSTANT FALSE
-1 CONSTANT TRUE

USER (HLD)            \ first character of the number being built
USER (STRING-TURN)    \ which of two string buffers was used last
USER (ESCAPED)        \ bytes of the string with escapes being put together
USER (ESCAPED-AT)     \ where it is put together
USER (MESSAGE)        \ length and, in the next cell, address of ABORT" text
USER (MESSAGE-ADDRESS)
USER (PUT-DEPTH)      \ cells that N>R has put away

\ ---- Data space --------------------------------------------------------------------------------

: HERE ( -- addr ) (HERE) @ ;
: ALLOT ( n -- ) (allot) ;
: , ( x -- ) HERE 8 (allot) ! ;
: C, ( char -- ) HERE 1 (allot) C! ;
: ALIGNED ( addr -- a-addr ) 7 + -8 AND ;
: ALIGN ( -- ) HERE ALIGNED HERE - (allot) ;
: CHARS ( n1 -- n2 ) 0 + ;
: COUNT ( c-addr -- c-addr u ) DUP 1+ SWAP C@ ;
: MOVE ( addr1 addr2 u -- ) (move) ;
: FILL ( c-addr u char -- ) (fill) ;
: ERASE ( addr u -- ) 0 (fill) ;
: PAD ( -- c-addr ) (PAD) ;
: UNUSED ( -- u ) (limit) HERE - ;

\ ---- Output ------------------------------------------------------------------------------------

: EMIT ( x -- ) (emit) ;
: TYPE ( c-addr u -- ) (type) ;
: CR ( -- ) 10 EMIT ;
: (QUIET?) ( -- flag ) (mode) 2 AND ;
\ Where what follows is several lines, the first does not stand behind the typed line.
: (BELOW) ( -- ) (QUIET?) 0= IF CR THEN ;
: SPACE ( -- ) BL EMIT ;
: SPACES ( n -- ) 0 MAX 0 ?DO SPACE LOOP ;

: DECIMAL ( -- ) 10 BASE ! ;
: HEX ( -- ) 16 BASE ! ;

: <# ( -- ) (NUMBER-END) (HLD) ! ;
: HOLD ( char -- ) (HLD) @ 1- DUP (NUMBER-BUFFER) < IF -17 THROW THEN DUP (HLD) ! C! ;
: HOLDS ( c-addr u -- ) BEGIN DUP WHILE 1- 2DUP + C@ HOLD REPEAT 2DROP ;
: (DIGIT) ( u -- char ) DUP 9 > IF 7 + THEN 48 + ;
: # ( ud -- ud ) 0 BASE @ UM/MOD >R BASE @ UM/MOD SWAP (DIGIT) HOLD R> ;
: #S ( ud -- 0 0 ) BEGIN # 2DUP OR 0= UNTIL ;
: #> ( xd -- c-addr u ) 2DROP (HLD) @ (NUMBER-END) OVER - ;
: SIGN ( n -- ) 0< IF 45 HOLD THEN ;

: (UNSIGNED) ( u -- c-addr u ) 0 <# #S #> ;
: (SIGNED) ( n -- c-addr u ) DUP ABS 0 <# #S ROT SIGN #> ;
: (RIGHT) ( c-addr u width -- ) OVER - SPACES TYPE ;
: U. ( u -- ) (UNSIGNED) TYPE SPACE ;
: . ( n -- ) (SIGNED) TYPE SPACE ;
: U.R ( u width -- ) >R (UNSIGNED) R> (RIGHT) ;
: .R ( n width -- ) >R (SIGNED) R> (RIGHT) ;
\ A number in decimal without a space, whatever BASE is.
: (PLAIN) ( n -- ) BASE @ SWAP DECIMAL (SIGNED) TYPE BASE ! ;

: .S ( -- )
  60 EMIT DEPTH (PLAIN) 62 EMIT SPACE
  DEPTH 0 ?DO DEPTH I - 1- PICK . LOOP ;

\ ---- Parsing -----------------------------------------------------------------------------------

: SOURCE ( -- c-addr u ) (SOURCE-ADDRESS) @ (SOURCE-LENGTH) @ ;
: SOURCE-ID ( -- n ) (SOURCE-ID) @ ;
: PARSE ( char -- c-addr u ) (parse) ;
: PARSE-NAME ( "name" -- c-addr u ) (parse-name) ;
: WORD ( char "chars" -- c-addr ) (word) ;
: >NUMBER ( ud1 c-addr1 u1 -- ud2 c-addr2 u2 ) (>number) ;
: (NAME) ( "name" -- c-addr u ) PARSE-NAME DUP 0= IF -16 THROW THEN ;
: CHAR ( "name" -- xchar ) (NAME) (xc@) DROP ;
\ In a block, to the end of one of its lines of 64 characters.
: \ ( "comment" -- ) BLK @ IF >IN @ 63 + -64 AND ELSE SOURCE NIP THEN >IN ! ; IMMEDIATE
: .( ( "text" -- ) 41 PARSE TYPE ; IMMEDIATE

\ ---- Dictionary --------------------------------------------------------------------------------

\ While compiling, a local's name hides others, and has no token.
: (COMPILING-LOCAL?) ( c-addr u -- c-addr u flag ) STATE @ IF (local?) ELSE FALSE THEN ;
: (FOUND) ( "name" -- xt flag )
  (NAME) (COMPILING-LOCAL?) IF -32 THROW THEN (find) DUP 0= IF -13 THROW THEN ;
: ' ( "name" -- xt ) (FOUND) DROP ;
\ The primitive's flag also tells compile-only words; its sign is what FIND promises.
: FIND ( c-addr -- c-addr 0 | xt 1 | xt -1 )
  DUP COUNT (find) DUP IF 0< 2* 1+ ROT DROP ELSE NIP THEN ;
: >BODY ( xt -- a-addr ) (>body) ;
: IMMEDIATE ( -- ) (immediate) ;
: CREATE ( "name" -- ) (NAME) 12 ALIGN HERE (header) DROP ;
: VARIABLE ( "name" -- ) CREATE 0 , ;
: CONSTANT ( x "name" -- ) (NAME) ROT 68 SWAP (header) DROP ;
: BUFFER: ( u "name" -- ) CREATE ALLOT ;

\ ---- Compiling ---------------------------------------------------------------------------------

: [ ( -- ) 0 STATE ! ; IMMEDIATE COMPILE-ONLY
: ] ( -- ) -1 STATE ! ;
: COMPILE, ( xt -- ) (compile,) ;
: LITERAL ( x -- ) (literal) ; IMMEDIATE COMPILE-ONLY
: ['] ( "name" -- ) ' (literal) ; IMMEDIATE COMPILE-ONLY
: [CHAR] ( "name" -- ) CHAR (literal) ; IMMEDIATE COMPILE-ONLY
: [COMPILE] ( "name" -- ) ' (compile,) ; IMMEDIATE COMPILE-ONLY
: POSTPONE ( "name" -- )
  (FOUND) 0< IF (literal) ['] COMPILE, THEN (compile,) ; IMMEDIATE COMPILE-ONLY

\ A colon-sys is twice the same cell, so that a word that closes what is not open comes upon it
\ even if it takes two.
: (COLON-SYS) ( -- colon-sys ) $5E1E000500000000 (LATEST) @ + DUP ;
: : ( "name" -- colon-sys ) (NAME) (begin-definition) (COLON-SYS) ] ;
: :NONAME ( -- xt colon-sys ) 0 0 (begin-definition) (LATEST) @ (COLON-SYS) ] ;
: (END) ( colon-sys -- )
  DEPTH 2 < IF -22 THROW THEN
  (COLON-SYS) ROT XOR >R XOR R> OR IF -22 THROW THEN
  (exit) (finish-definition) DROP ;
: ; ( colon-sys -- ) (END) 0 STATE ! ; IMMEDIATE COMPILE-ONLY
: EXIT ( -- ) (exit) ; IMMEDIATE COMPILE-ONLY
: RECURSE ( -- ) (recurse) ; IMMEDIATE COMPILE-ONLY
: DOES> ( -- ) (does>) ; IMMEDIATE COMPILE-ONLY

: AHEAD ( -- orig ) (ahead) ; IMMEDIATE COMPILE-ONLY
: IF ( -- orig ) (if) ; IMMEDIATE COMPILE-ONLY
: ELSE ( orig1 -- orig2 ) (ahead) SWAP (then) ; IMMEDIATE COMPILE-ONLY
: THEN ( orig -- ) (then) ; IMMEDIATE COMPILE-ONLY
: BEGIN ( -- dest ) (begin) ; IMMEDIATE COMPILE-ONLY
: AGAIN ( dest -- ) (again) ; IMMEDIATE COMPILE-ONLY
: UNTIL ( dest -- ) (until) ; IMMEDIATE COMPILE-ONLY
: WHILE ( dest -- orig dest ) (if) SWAP ; IMMEDIATE COMPILE-ONLY
: REPEAT ( orig dest -- ) (again) (then) ; IMMEDIATE COMPILE-ONLY
: DO ( -- do-sys ) (do) ; IMMEDIATE COMPILE-ONLY
: ?DO ( -- do-sys ) (?do) ; IMMEDIATE COMPILE-ONLY
: LOOP ( do-sys -- ) (loop) ; IMMEDIATE COMPILE-ONLY
: +LOOP ( do-sys -- ) (+loop) ; IMMEDIATE COMPILE-ONLY
: LEAVE ( -- ) (leave) ; IMMEDIATE COMPILE-ONLY

\ A case-sys is the number of ENDOFs so far, and a mark by which OF and ENDCASE know it; the
\ ENDOFs' origs lie below.
$5E1E000600000000 CONSTANT (CASE-MARK)
: (CASE?) ( x -- ) (CASE-MARK) <> IF -22 THROW THEN ;
: CASE ( -- case-sys ) 0 (CASE-MARK) ; IMMEDIATE COMPILE-ONLY
: OF ( case-sys -- case-sys of-sys )
  DUP (CASE?) POSTPONE OVER POSTPONE = (if) POSTPONE DROP ; IMMEDIATE COMPILE-ONLY
: ENDOF ( case-sys1 of-sys -- case-sys2 ) (ahead) SWAP (then) ROT 1+ ROT ; IMMEDIATE COMPILE-ONLY
: ENDCASE ( case-sys -- ) (CASE?) POSTPONE DROP 0 ?DO (then) LOOP ; IMMEDIATE COMPILE-ONLY

\ ---- Strings -----------------------------------------------------------------------------------

\ Copies a string to data space.
: (KEEP) ( c-addr1 u -- c-addr2 u ) HERE OVER (allot) SWAP 2DUP 2>R MOVE 2R> ;
: SLITERAL ( c-addr u -- ) (KEEP) SWAP (literal) (literal) ; IMMEDIATE COMPILE-ONLY
\ The one of two buffers for strings that was not used last.
: (BUFFER) ( -- addr )
  (STRING-TURN) @ 1 XOR DUP (STRING-TURN) ! (STRING-LIMIT) * (STRING-BUFFERS) + ;
: (PARK) ( c-addr1 u -- c-addr2 u )
  DUP (STRING-LIMIT) > IF -18 THROW THEN (BUFFER) SWAP 2DUP 2>R MOVE 2R> ;
: (STRING) ( c-addr u -- c-addr u | ) STATE @ IF POSTPONE SLITERAL ELSE (PARK) THEN ;
: S" ( "text" -- c-addr u ) 34 PARSE (STRING) ; IMMEDIATE
: ." ( "text" -- ) 34 PARSE STATE @ IF POSTPONE SLITERAL POSTPONE TYPE ELSE TYPE THEN ; IMMEDIATE
: C" ( "text" -- c-addr )
  34 PARSE DUP 255 > IF -18 THROW THEN
  HERE OVER C, >R (KEEP) 2DROP R> (literal) ; IMMEDIATE COMPILE-ONLY
: (ABORT") ( x c-addr u -- ) ROT IF (MESSAGE) 2! -2 THROW THEN 2DROP ;
: ABORT" ( "text" -- ) 34 PARSE POSTPONE SLITERAL POSTPONE (ABORT") ; IMMEDIATE COMPILE-ONLY

\ Strings with escapes are put together in a buffer, character by character.
: (UNESCAPED,) ( char -- )
  (ESCAPED) @ (STRING-LIMIT) = IF -18 THROW THEN
  (ESCAPED-AT) @ (ESCAPED) @ + C! 1 (ESCAPED) +! ;
: (NEXT) ( -- char | -1 )
  SOURCE >IN @ 2DUP > IF 1 >IN +! NIP + C@ ELSE DROP 2DROP -1 THEN ;
: (HEX-DIGIT) ( char -- n )
  DUP 48 58 WITHIN IF 48 - EXIT THEN
  32 OR DUP 97 103 WITHIN 0= IF -24 THROW THEN 87 - ;
: (ESCAPE) ( char -- )
  CASE
    97 OF 7 (UNESCAPED,) ENDOF      98 OF 8 (UNESCAPED,) ENDOF
    101 OF 27 (UNESCAPED,) ENDOF    102 OF 12 (UNESCAPED,) ENDOF
    108 OF 10 (UNESCAPED,) ENDOF    109 OF 13 (UNESCAPED,) 10 (UNESCAPED,) ENDOF
    110 OF 10 (UNESCAPED,) ENDOF    113 OF 34 (UNESCAPED,) ENDOF
    114 OF 13 (UNESCAPED,) ENDOF    116 OF 9 (UNESCAPED,) ENDOF
    118 OF 11 (UNESCAPED,) ENDOF    122 OF 0 (UNESCAPED,) ENDOF
    34 OF 34 (UNESCAPED,) ENDOF     92 OF 92 (UNESCAPED,) ENDOF
    120 OF (NEXT) (HEX-DIGIT) 16 * (NEXT) (HEX-DIGIT) + (UNESCAPED,) ENDOF
    -24 THROW
  ENDCASE ;
: (PARSE-ESCAPED) ( "text" -- c-addr u )
  (BUFFER) (ESCAPED-AT) ! 0 (ESCAPED) !
  BEGIN (NEXT) DUP 34 <> OVER 0< 0= AND WHILE
    DUP 92 = IF DROP (NEXT) (ESCAPE) ELSE (UNESCAPED,) THEN
  REPEAT DROP (ESCAPED-AT) @ (ESCAPED) @ ;
: S\" ( "text" -- c-addr u )
  (PARSE-ESCAPED) STATE @ IF POSTPONE SLITERAL THEN ; IMMEDIATE

\ ---- Values and deferred words -----------------------------------------------------------------

: (UNSET) ( -- ) -264 THROW ;
\ Refuses a word that lacks a property.
: (EXPECT) ( xt flag -- xt ) OVER (word-flags) AND 0= IF -32 THROW THEN ;
: VALUE ( x "name" -- ) (NAME) 36 ALIGN HERE (header) DROP , ['] @ (LATEST) @ (as) ;
: DEFER ( "name" -- ) (NAME) 16 ['] (UNSET) (header) DROP ;
: DEFER@ ( xt1 -- xt2 ) 16 (EXPECT) (word-body) ;
: DEFER! ( xt2 xt1 -- ) 16 (EXPECT) (set-body) ;
\ Where the cells of a word are; asked when it runs, so that access to the word is checked then.
: (CELLS-OF) ( xt -- a-addr ) (word-body) ;
\ What stores into a word that has the properties of xt1.
: (STORE) ( xt1 -- xt2 )
  (word-flags) DUP 512 AND IF DROP ['] 2! EXIT THEN
  4096 AND IF ['] F! EXIT THEN ['] ! ;
: TO ( x "name" -- | x1 x2 "name" -- | "name" -- ) ( F: -- | -- | r -- )
  (NAME) STATE @ IF (set-local) IF 2DROP EXIT THEN THEN
  (find) 0= IF -13 THROW THEN 32 (EXPECT)
  DUP (STORE) SWAP
  STATE @ IF
    DUP (controlled?) IF (literal) POSTPONE (CELLS-OF) ELSE (word-body) (literal) THEN (compile,)
  ELSE
    (word-body) SWAP EXECUTE
  THEN ; IMMEDIATE
: IS ( xt "name" -- )
  ' STATE @ IF (literal) POSTPONE DEFER! ELSE DEFER! THEN ; IMMEDIATE
: ACTION-OF ( "name" -- xt )
  ' STATE @ IF (literal) POSTPONE DEFER@ ELSE DEFER@ THEN ; IMMEDIATE

\ ---- Exceptions --------------------------------------------------------------------------------

: (CATCH) ( i*x xt -- j*x 0 | i*x n ) catch-enter catch-exit ;
\ Where input comes from, for an instance without files and blocks too: the nesting of sources is
\ kept by (push-source) and (pop-source), which file.4th and block.4th begin with.
: (LEAVE-SOURCE) ( -- ) (FILE) @ ?DUP IF (close-file) DROP THEN (pop-source) ;
: (UNWIND-SOURCES) ( n -- ) BEGIN DUP (NESTED) @ < WHILE (LEAVE-SOURCE) REPEAT DROP ;
\ CATCH also restores where input comes from; what was opened to be interpreted since is closed, and what
\ N>R has put away is dropped.
: CATCH ( i*x xt -- j*x 0 | i*x n )
  SOURCE 2>R SOURCE-ID >R >IN @ >R (SOURCE-NUMBER) @ (LINE) @ 2>R BLK @ (NESTED) @ 2>R (PUT-DEPTH) @ >R
  (CATCH)
  R> OVER IF (PUT-DEPTH) ! ELSE DROP THEN
  DUP IF
    2R> (UNWIND-SOURCES) BLK !
    2R> (LINE) ! (SOURCE-NUMBER) !
    R> >IN ! R> (SOURCE-ID) ! 2R> (SOURCE-LENGTH) ! (SOURCE-ADDRESS) !
  ELSE
    2R> 2DROP 2R> 2DROP R> DROP R> DROP 2R> 2DROP
  THEN ;
: ABORT ( -- ) -1 THROW ;
: QUIT ( -- ) -56 THROW ;

\ ---- The text interpreter ----------------------------------------------------------------------

\ Code refers to values by number.
: (VALUE) ( n -- ) ( V: -- x ) (constant) ;
: VLITERAL ( V: x -- ) (constant,) (literal) ['] (VALUE) (compile,) ; IMMEDIATE COMPILE-ONLY

\ The text form of a value after a tilde: it may have blanks in it.
: (TILDE?) ( c-addr u -- flag ) 1 > SWAP C@ 126 = AND ;
: (TILDE) ( c-addr u -- ) ( V: -- x | )
  DROP 1+ DUP (SOURCE-ADDRESS) @ - SWAP OVER (SOURCE-LENGTH) @ SWAP - (read) + >IN !
  STATE @ IF POSTPONE VLITERAL THEN ;

: (NUMBER-FOUND) ( lo hi kind -- n | d | ) ( F: -- | -- | r )
  DUP 0= IF -13 THROW THEN
  DUP 3 = IF 2DROP BITS>F STATE @ IF (float,) THEN EXIT THEN
  1 = IF DROP STATE @ IF (literal) THEN EXIT THEN
  STATE @ IF SWAP (literal) (literal) THEN ;

: INTERPRET ( i*x -- j*x )
  BEGIN PARSE-NAME DUP WHILE
    STATE @ IF (get-local) ELSE FALSE THEN IF
      2DROP
    ELSE
      2DUP (find) DUP IF
        2SWAP 2DROP
        STATE @ IF
          0< IF (compile,) ELSE EXECUTE THEN
        ELSE
          ABS 2 = IF -14 THROW THEN EXECUTE
        THEN
      ELSE
        2DROP 2DUP (TILDE?) IF (TILDE) ELSE (number) (NUMBER-FOUND) THEN
      THEN
    THEN
  REPEAT 2DROP ;

: EVALUATE ( i*x c-addr u -- j*x )
  SOURCE 2>R SOURCE-ID >R BLK @ >IN @ 2>R
  (SOURCE-LENGTH) ! (SOURCE-ADDRESS) ! -1 (SOURCE-ID) ! 0 BLK ! 0 >IN !
  INTERPRET
  2R> >IN ! BLK ! R> (SOURCE-ID) ! 2R> (SOURCE-LENGTH) ! (SOURCE-ADDRESS) ! ;


\ ---- Leaving -----------------------------------------------------------------------------------

: BYE ( -- ) 0 (bye) ;
: (BYE) ( n -- ) (bye) ;
: COLD ( -- ) (cold) ;
\ In place of the flag, 2 stands behind the bits of a float.
: ENVIRONMENT? ( c-addr u -- false | i*x true | true ) ( F: -- | -- | r )
  (environment) DUP 2 = IF DROP BITS>F TRUE THEN ;
: ROLL ( xu … x0 u -- xu-1 … x0 xu ) (roll) ;
: PARITY ( -- u ) 0 0 BEGIN (parity) DUP 0< UNTIL DROP ;
: COST ( -- u ) (cost) ;
: BUDGET ( u -- ) (budget!) ;
: (RESTORE) ( n -- ) (restore) ;
: MARKER ( "name" -- ) (NAME) (mark) 260 SWAP (header) DROP ['] (RESTORE) (LATEST) @ (as) ;
