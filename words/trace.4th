\ What a program was doing: backtraces, where words come from, profiles, traces.

: (NAME-TYPE) ( xt -- ) (word-name) TYPE ;
\ Words whose names begin with a parenthesis are the system's own.
: (HIDDEN?) ( xt -- flag ) (word-name) DUP 2 < IF NIP 0= ELSE DROP C@ 40 = THEN ;
: (AT) ( source line -- )
  SWAP (source-name) DUP IF TYPE ELSE 2DROP ." console" THEN 58 EMIT (PLAIN) ;


\ ---- Backtraces --------------------------------------------------------------------------------

\ A backtrace: the words that were active, the innermost first. How a line came to be
\ interpreted is left out, and so is a trace that shows nothing but the system's own words.
8 CONSTANT (FIRST-FRAMES)
3 CONSTANT (LAST-FRAMES)
: (FRAME?) ( xt -- flag )
  DUP 0= IF DROP TRUE EXIT THEN
  DUP (word-name) NIP 0= IF DROP TRUE EXIT THEN
  DUP (HIDDEN?) SWAP ['] INTERPRET = OR 0= ;
\ How many frames can be shown, and whether one is of a word that is not the system's.
: (COUNT-FRAMES) ( -- n flag )
  (trace) 0 FALSE
  BEGIN (frame) NIP NIP DUP 0< 0= WHILE
    DUP (FRAME?) IF DUP (own?) OVER 0= OR 0= >R DROP SWAP 1+ SWAP R> OR ELSE DROP THEN
  REPEAT DROP ;
: (WHOSE) ( xt -- )
  DUP 0= IF DROP ." a word that is forgotten" EXIT THEN
  DUP (word-name) NIP IF (NAME-TYPE) ELSE DROP ." a word without a name" THEN ;
: (SHOW-FRAME) ( source line xt -- )
  DUP (WHOSE) DUP IF (own?) ELSE 0= THEN IF 2DROP ELSE ."  (" (AT) 41 EMIT THEN ;
: (SHOW-FRAMES) ( n -- )
  (trace) 0 BEGIN 2DUP > WHILE
    (frame) DUP (FRAME?) IF
      3 PICK DUP (FIRST-FRAMES) < SWAP 6 PICK (LAST-FRAMES) - < 0= OR IF
        ."   " 3 PICK IF ." from " ELSE ." in " THEN (SHOW-FRAME) CR
      ELSE
        DROP 2DROP
        DUP (FIRST-FRAMES) = IF ."   … " 2DUP - (LAST-FRAMES) - (PLAIN) ."  more" CR THEN
      THEN 1+
    ELSE DROP 2DROP THEN
  REPEAT 2DROP ;
: (SHOW-TRACE) ( -- ) (COUNT-FRAMES) IF (SHOW-FRAMES) ELSE DROP THEN (trace-end) ;

\ ---- Where words come from ---------------------------------------------------------------------

USER (SHOWN-LINE)   \ the line that is looked for
: (NEAR?) ( n -- flag ) (SHOWN-LINE) @ - DUP -3 > SWAP 5 < AND ;
: (SHOW-NUMBER) ( n -- ) DUP (SHOWN-LINE) @ = IF 62 ELSE BL THEN EMIT 5 .R SPACE SPACE ;
\ Shows the lines of a text around the one of that number, as far as the system has the text.
: (SHOW-AROUND) ( source line -- )
  (SHOWN-LINE) ! 0 0
  BEGIN
    2 PICK SWAP (source-line) ROT ROT 2>R SWAP 1+ SWAP
    DUP 0< 0= 2 PICK (SHOWN-LINE) @ 4 + > 0= AND
  WHILE
    OVER (NEAR?) IF OVER (SHOW-NUMBER) 2R@ TYPE CR THEN 2R> 2DROP
  REPEAT 2R> 2DROP 2DROP DROP ;
: LOCATE ( "name" -- )
  ' (BELOW) DUP (NAME-TYPE) (word-place) DROP
  2DUP OR 0= IF ."  comes from no source" CR 2DROP EXIT THEN
  SPACE 2DUP (AT) CR (SHOW-AROUND) ;

\ ---- Profiles ----------------------------------------------------------------------------------

16 CONSTANT (PROFILE-ROWS)
10 CONSTANT (BAR)
USER (ROWS)         \ rows that may still be shown
\ A part of a whole: in percent, with one digit behind the point, and as a bar.
: (SHARE) ( u1 u2 -- )
  2DUP 1000 SWAP */ DUP 10 / 5 .R 46 EMIT 10 MOD (PLAIN) ."  % "
  (BAR) SWAP */ DUP 0 ?DO 35 EMIT LOOP (BAR) SWAP - 1+ SPACES ;
: (PROFILED?) ( -- flag )
  (BELOW) (profile-total) NIP 0= IF ." nothing has been profiled" CR FALSE ELSE TRUE THEN ;
\ Interprets the rest of the line, and counts every instruction that this runs.
: PROFILE ( i*x "line" -- j*x ) 1 (watch) ['] INTERPRET CATCH 0 (watch) THROW ;
: (PROFILE-ROW) ( total cost id calls executions xt -- total cost id )
  >R SWAP 10 U.R 14 U.R OVER 12 U.R OVER 3 PICK (SHARE) R> (WHOSE) CR ;
: .PROFILE ( -- )
  (PROFILED?) 0= IF EXIT THEN
  ."      calls  instructions        cost   share            word" CR
  (PROFILE-ROWS) (ROWS) !
  (profile-total) 0 -1
  BEGIN (profile-next) DUP 0< 0= (ROWS) @ 0> AND WHILE (PROFILE-ROW) -1 (ROWS) +! REPEAT
  2DROP DROP 2DROP SWAP 24 U.R 12 U.R CR ;
: (PROFILE-LINE) ( xt n -- )
  2DUP (profile-at) SWAP 12 U.R DUP 12 U.R (profile-total) NIP (SHARE)
  (line-at) NIP 6 U.R SPACE ;
\ The profile of a word, instruction by instruction.
: .PROFILE-OF ( "name" -- )
  ' (PROFILED?) 0= IF DROP EXIT THEN
  ."   executions        cost   share             line" CR
  0 BEGIN 2DUP (PROFILE-LINE) (see) CR DUP 0< UNTIL 2DROP ;

\ ---- Traces ------------------------------------------------------------------------------------

512 CONSTANT (EVENTS)
USER (LEVEL)        \ calls that the trace is in
\ The topmost cells, the top on the right.
: (SHOW-CELLS) ( x3 x2 x1 depth -- )
  60 EMIT DUP (PLAIN) 62 EMIT SPACE
  DUP 3 > IF ." … " THEN DUP 2 > IF 3 PICK . THEN DUP 1 > IF 2 PICK . THEN
  0> IF DUP . THEN 2DROP DROP ;
: (SHOW-CALL) ( xt kind -- )
  3 = DUP (LEVEL) +! (LEVEL) @ 0 MAX 40 MIN 2* SPACES
  DUP IF ." < " ELSE ." > " THEN 1+ (LEVEL) +! (WHOSE) ;
: (SHOW-EVENT) ( x3 x2 x1 depth other xt kind -- )
  DUP 0= IF 2DROP 2DROP 2DROP DROP EXIT THEN
  DUP 4 = IF
    DROP SWAP 0 (LEVEL) ! ." ! " (PLAIN) ."  thrown in " (WHOSE)
  ELSE
    DUP 5 = IF DROP DUP (WHOSE) SWAP (see) 2DROP SPACE SPACE ELSE (SHOW-CALL) DROP THEN
  THEN
  SPACE (SHOW-CELLS) CR ;
: (SHOW-EVENTS) ( -- )
  0 (LEVEL) !
  (events) DUP (EVENTS) > IF ." … " DUP (EVENTS) - (PLAIN) ."  earlier" CR THEN
  DUP (EVENTS) - 0 MAX BEGIN 2DUP > WHILE DUP (event) (SHOW-EVENT) 1+ REPEAT 2DROP ;
: (TRACED) ( i*x n "line" -- j*x )
  (watch) ['] INTERPRET CATCH 0 (watch) (BELOW) (SHOW-EVENTS) THROW ;
\ Interprets the rest of the line, then shows the calls and returns of all words but the system's own.
: TRACE ( i*x "line" -- j*x ) 2 (TRACED) ;
\ As TRACE, and shows every instruction.
: TRACE-STEPS ( i*x "line" -- j*x ) 3 (TRACED) ;
