\ The console: keys, the line editor, the prompt, and what is said when something goes wrong.
\
\ The editor is a loop over KEY like any other program, so an instance that waits in the middle of
\ a line is only data. It understands what a terminal sends: arrows, Home, End, Delete, and the
\ usual control keys; it speaks the common ANSI sequences.

USER (E-START)    \ first character of the line
USER (E-LIMIT)    \ most bytes it may have
USER (E-LENGTH)   \ bytes it has
USER (E-AT)       \ bytes before the cursor
USER (E-RECALL)   \ lines back in history, 0 for the new one
USER (E-NAMES)    \ whether Tab completes the names of words
USER (E-TABBED)   \ whether the last key was a Tab that could not choose
USER (H-COUNT)    \ lines ever put into history
USER (COLUMN)     \ columns of the line that names are listed on
USER (TYPED)      \ lines ever read from the console

\ ---- Moving about ------------------------------------------------------------------------------

: (CONTROL) ( n char -- ) 27 EMIT 91 EMIT SWAP (PLAIN) EMIT ;
: (LEFT) ( n -- ) ?DUP IF 68 (CONTROL) THEN ;
: (RIGHTWARDS) ( n -- ) ?DUP IF 67 (CONTROL) THEN ;
: (CLEAR) ( -- ) 27 EMIT 91 EMIT 75 EMIT ;
: (BELL) ( -- ) 7 EMIT ;
\ A byte that continues a character rather than beginning one.
: (MIDDLE?) ( char -- flag ) 192 AND 128 = ;
\ Columns a string takes: its characters, not its bytes.
: (COLUMNS) ( c-addr u -- n )
  0 ROT ROT BEGIN DUP WHILE OVER C@ (MIDDLE?) 0= NEGATE >R 1- SWAP 1+ SWAP ROT R> + ROT ROT REPEAT 2DROP ;

: (E-CURSOR) ( -- c-addr ) (E-START) @ (E-AT) @ + ;
: (E-TAIL) ( -- c-addr u ) (E-CURSOR) (E-LENGTH) @ (E-AT) @ - ;
\ Shows what follows the cursor, without moving it.
: (E-REDRAW) ( -- ) (CLEAR) (E-TAIL) 2DUP TYPE (COLUMNS) (LEFT) ;

: (E-BACK?) ( -- flag ) (E-AT) @ 0> ;
: (E-BACK) ( -- )
  BEGIN -1 (E-AT) +! (E-CURSOR) C@ (MIDDLE?) (E-BACK?) AND 0= UNTIL 1 (LEFT) ;
: (E-FORWARD?) ( -- flag ) (E-AT) @ (E-LENGTH) @ < ;
: (E-SKIP) ( -- ) BEGIN 1 (E-AT) +! (E-FORWARD?) IF (E-CURSOR) C@ (MIDDLE?) ELSE FALSE THEN 0= UNTIL ;
: (E-FORWARD) ( -- ) (E-SKIP) 1 (RIGHTWARDS) ;
: (E-HOME) ( -- ) (E-START) @ (E-AT) @ (COLUMNS) (LEFT) 0 (E-AT) ! ;
: (E-END) ( -- ) (E-TAIL) (COLUMNS) (RIGHTWARDS) (E-LENGTH) @ (E-AT) ! ;

\ ---- Changing the line -------------------------------------------------------------------------

: (E-INSERT) ( char -- )
  (E-LENGTH) @ (E-LIMIT) @ = IF DROP (BELL) EXIT THEN
  (E-TAIL) OVER 1+ SWAP MOVE
  DUP (E-CURSOR) C! 1 (E-LENGTH) +! 1 (E-AT) +!
  EMIT (E-TAIL) NIP IF (E-REDRAW) THEN ;
\ Takes out the u bytes at the cursor.
: (E-CUT) ( u -- )
  (E-TAIL) ROT DUP >R - SWAP DUP R@ + SWAP ROT MOVE R> NEGATE (E-LENGTH) +! (E-REDRAW) ;
: (E-DELETE) ( -- )
  (E-FORWARD?) 0= IF EXIT THEN (E-AT) @ (E-SKIP) (E-AT) @ OVER - SWAP (E-AT) ! (E-CUT) ;
: (E-RUBOUT) ( -- ) (E-BACK?) IF (E-BACK) (E-DELETE) THEN ;
: (E-KILL) ( -- ) (E-TAIL) NIP (E-CUT) ;
: (E-CLEAR) ( -- ) (E-HOME) (E-KILL) ;

\ ---- History -----------------------------------------------------------------------------------

\ The line typed n lines ago, 1 being the last: length in the first cell, then the text.
: (H-LINE) ( n -- addr ) (H-COUNT) @ SWAP - (HISTORY-LINES) MOD (HISTORY-LINE) * (HISTORY) + ;
: (H-KEEP) ( -- )
  (E-LENGTH) @ DUP 0= SWAP (HISTORY-LINE) 8 - > OR IF EXIT THEN
  1 (H-COUNT) +!
  (E-LENGTH) @ 1 (H-LINE) ! (E-START) @ 1 (H-LINE) CELL+ (E-LENGTH) @ MOVE ;
: (H-SHOW) ( n -- )
  DUP (E-RECALL) ! (E-CLEAR)
  DUP 0= IF DROP EXIT THEN
  (H-LINE) DUP CELL+ SWAP @ (E-LIMIT) @ MIN DUP (E-LENGTH) ! (E-START) @ SWAP MOVE
  (E-REDRAW) (E-END) ;
: (H-OLDER) ( -- )
  (E-RECALL) @ 1+ DUP (H-COUNT) @ (HISTORY-LINES) MIN > IF DROP (BELL) ELSE (H-SHOW) THEN ;
: (H-NEWER) ( -- ) (E-RECALL) @ DUP 0= IF DROP (BELL) ELSE 1- (H-SHOW) THEN ;

\ ---- Names -------------------------------------------------------------------------------------

: (SHOW-NAME) ( xt -- )
  (word-name) 2DUP (COLUMNS) 1+
  DUP (COLUMN) @ + 78 > IF CR 0 (COLUMN) ! THEN (COLUMN) +! TYPE SPACE ;
\ Whether the word's name leads to it, and not to one that was defined later.
: (FOUND?) ( xt -- flag ) DUP (word-name) (find) 0= IF 2DROP FALSE EXIT THEN = ;

\ Tab completes the word before the cursor as far as all names go that begin with it. Where they
\ part it only rings, and a second Tab lists them; where nothing begins so it is a blank, as a Tab
\ between two words is. So text that has Tabs for blanks can be typed, or pasted: a Tab that rang
\ behind a word's whole name turns out to be a blank when the next word begins.

USER (C-COUNT)    \ names that begin with what was typed
USER (C-FIRST)    \ one of them
USER (C-COMMON)   \ bytes at the beginning that all of them have in common

100 CONSTANT (C-MOST)    \ names listed

\ The characters before the cursor that are no blanks.
: (E-WORD) ( -- c-addr u )
  (E-CURSOR) 0
  BEGIN DUP (E-AT) @ < WHILE OVER 1- C@ BL > WHILE 1+ SWAP 1- SWAP REPEAT THEN ;

: (C-ADD) ( xt -- )
  (C-COUNT) @ IF
    (C-FIRST) @ (name-common) (C-COMMON) @ MIN
  ELSE
    DUP (C-FIRST) ! (word-name) NIP
  THEN
  (C-COMMON) ! 1 (C-COUNT) +! ;
: (C-GATHER) ( c-addr u -- )
  0 (C-COUNT) ! TRUE (word-count)
  BEGIN (older-like) DUP WHILE DUP (FOUND?) IF DUP (C-ADD) THEN REPEAT 2DROP 2DROP ;
: (C-LIST) ( c-addr u -- )
  CR 0 (COLUMN) ! 0 >R TRUE (word-count)
  BEGIN (older-like) DUP 0<> R@ (C-MOST) < AND WHILE
    DUP (FOUND?) IF DUP (SHOW-NAME) R> 1+ >R THEN
  REPEAT 2DROP 2DROP R> DROP
  (C-COUNT) @ (C-MOST) - DUP 0> IF ." and " DUP (PLAIN) ."  more" THEN DROP CR
  (E-START) @ (E-LENGTH) @ TYPE (E-TAIL) (COLUMNS) (LEFT) ;

: (LOWER?) ( char -- flag ) 97 123 WITHIN ;
: (UPPER?) ( char -- flag ) 65 91 WITHIN ;
\ What to add to a letter of a name, 32 or -32 or 0, if the letters are to be as those typed are.
: (AS-LOWER) ( char -- n ) (UPPER?) 32 AND ;
: (AS-UPPER) ( char -- n ) (LOWER?) -32 AND ;
\ How the rest of a name is to be written: 0 as it stands, where what was typed is its beginning to
\ the letter, else 1 small and 2 large, as the last letter typed.
: (C-STYLE) ( c-addr u -- n )
  2DUP (C-FIRST) @ (word-name) DROP OVER COMPARE 0= IF 2DROP 0 EXIT THEN
  BEGIN DUP WHILE
    1- 2DUP + C@
    DUP (LOWER?) IF DROP 2DROP 1 EXIT THEN
    (UPPER?) IF 2DROP 2 EXIT THEN
  REPEAT 2DROP 0 ;
: (C-STYLED) ( char style -- char )
  DUP 0= IF DROP EXIT THEN
  1 = IF DUP (AS-LOWER) ELSE DUP (AS-UPPER) THEN + ;
\ Adds what all names have in common behind the first u bytes.
: (C-EXTEND) ( u style -- )
  (C-FIRST) @ (word-name) DROP (C-COMMON) @ 2SWAP
  >R /STRING R> -ROT OVER + SWAP ?DO I C@ OVER (C-STYLED) (E-INSERT) LOOP DROP ;
\ A character of several bytes is not cut.
: (C-WHOLE) ( -- )
  (C-FIRST) @ (word-name) (C-COMMON) @ = IF DROP EXIT THEN
  BEGIN DUP (C-COMMON) @ + C@ (MIDDLE?) WHILE -1 (C-COMMON) +! REPEAT DROP ;
: (E-BLANK) ( -- ) BL (E-INSERT) ;
\ Behind a word that is whole: a blank, or past the one that is there.
: (E-PAST) ( -- )
  (E-FORWARD?) IF (E-CURSOR) C@ BL = IF (E-FORWARD) EXIT THEN THEN (E-BLANK) ;
: (E-TAB) ( -- )
  (E-NAMES) @ 0= IF (E-BLANK) EXIT THEN
  (E-WORD) DUP IF 2DUP (C-GATHER) ELSE 0 (C-COUNT) ! THEN
  (C-COUNT) @ 0= IF 2DROP (E-BLANK) EXIT THEN
  (C-WHOLE)
  (C-COMMON) @ OVER > IF
    2DUP (C-STYLE) ROT DROP (C-EXTEND) (C-COUNT) @ 1 = IF (E-PAST) THEN EXIT
  THEN
  (C-COUNT) @ 1 = IF 2DROP (E-PAST) EXIT THEN
  (E-TABBED) @ IF (C-LIST) 0 (E-TABBED) ! ELSE 2DROP (BELL) TRUE (E-TABBED) ! THEN ;
\ What a key after a Tab that rang has to do with it.
: (E-AFTER-TAB) ( char -- )
  (E-TABBED) @ 0= IF DROP EXIT THEN
  0 (E-TABBED) !
  DUP BL > SWAP 127 <> AND IF (E-WORD) (find) NIP IF (E-BLANK) THEN THEN ;

\ ---- The editor --------------------------------------------------------------------------------

: (E-TILDE) ( char -- )
  BEGIN KEY 126 = UNTIL
  DUP 51 = IF DROP (E-DELETE) EXIT THEN
  DUP 49 = OVER 55 = OR IF DROP (E-HOME) EXIT THEN
  DUP 52 = SWAP 56 = OR IF (E-END) THEN ;
: (E-ESCAPE) ( -- )
  KEY DUP 91 = SWAP 79 = OR 0= IF EXIT THEN
  KEY
  DUP 65 = IF DROP (H-OLDER) EXIT THEN
  DUP 66 = IF DROP (H-NEWER) EXIT THEN
  DUP 67 = IF DROP (E-FORWARD?) IF (E-FORWARD) THEN EXIT THEN
  DUP 68 = IF DROP (E-BACK?) IF (E-BACK) THEN EXIT THEN
  DUP 70 = IF DROP (E-END) EXIT THEN
  DUP 72 = IF DROP (E-HOME) EXIT THEN
  DUP 48 58 WITHIN IF (E-TILDE) ELSE DROP THEN ;
: (E-KEY) ( char -- )
  DUP 9 = IF DROP (E-TAB) EXIT THEN
  DUP (E-AFTER-TAB)
  DUP 31 > OVER 127 <> AND IF (E-INSERT) EXIT THEN
  DUP 8 = OVER 127 = OR IF DROP (E-RUBOUT) EXIT THEN
  DUP 27 = IF DROP (E-ESCAPE) EXIT THEN
  DUP 1 = IF DROP (E-HOME) EXIT THEN
  DUP 5 = IF DROP (E-END) EXIT THEN
  DUP 2 = IF DROP (E-BACK?) IF (E-BACK) THEN EXIT THEN
  DUP 6 = IF DROP (E-FORWARD?) IF (E-FORWARD) THEN EXIT THEN
  DUP 11 = IF DROP (E-KILL) EXIT THEN
  DUP 21 = IF DROP (E-CLEAR) EXIT THEN
  DUP 16 = IF DROP (H-OLDER) EXIT THEN
  DUP 14 = IF DROP (H-NEWER) EXIT THEN
  4 = IF (E-LENGTH) @ 0= IF CR BYE THEN (E-DELETE) EXIT THEN
  (BELL) ;
: (NEWLINE?) ( char -- flag ) DUP 10 = SWAP 13 = OR ;

\ A line from a pipe: no echo, no editing; at the end of the input what has come so far.
: (QUIET-LINE) ( c-addr u1 -- u2 )
  0 BEGIN
    (key) DUP 0< IF DROP DUP 0= IF 0 (bye) THEN NIP NIP EXIT THEN
    DUP 10 = IF DROP NIP NIP EXIT THEN
    >R 2DUP = IF -259 THROW THEN
    ROT R> OVER C! 1+ ROT ROT 1+
  AGAIN ;
: (LINE-OF) ( c-addr +n1 flag -- +n2 )
  (E-NAMES) !
  (QUIET?) IF (QUIET-LINE) EXIT THEN
  (E-LIMIT) ! (E-START) ! 0 (E-LENGTH) ! 0 (E-AT) ! 0 (E-RECALL) ! 0 (E-TABBED) !
  BEGIN KEY DUP (NEWLINE?) 0= WHILE (E-KEY) REPEAT DROP
  (E-END) (H-KEEP) SPACE (E-LENGTH) @ ;
: ACCEPT ( c-addr +n1 -- +n2 ) FALSE (LINE-OF) ;

\ Words of older Forths that read a line.
: EXPECT ( c-addr +n -- ) ACCEPT SPAN ! ;
: QUERY ( -- )
  0 (SOURCE-ID) ! 0 (SOURCE-LENGTH) !
  (INPUT-BUFFER) DUP (INPUT-LIMIT) ACCEPT (SOURCE-LENGTH) ! (SOURCE-ADDRESS) ! 0 >IN ! ;

\ ---- Reports -----------------------------------------------------------------------------------

\ The name nearest to a misspelt one, if it may have been meant: one letter in three is wrong at
\ most, and two altogether.
: (NEAREST) ( c-addr u -- xt flag )
  -1 OVER 3 / 2 MIN 1+ (word-count) 1 ?DO
    2OVER I (distance) 2DUP > IF NIP NIP I SWAP ELSE DROP THEN
  LOOP
  DROP NIP NIP DUP 0< 0= ;
: (NAME-AT) ( -- c-addr u ) (NAME-ADDRESS) @ (NAME-LENGTH) @ ;
\ What a report shows of the input: the line, or of a block the line that was come to.
: (SHOWN) ( -- c-addr u )
  SOURCE BLK @ IF DROP (LINE) @ (LINE-SIZE) * + (LINE-SIZE) -TRAILING THEN ;
\ The name parsed last lies in the line that is being interpreted.
: (NAME-IN-LINE?) ( -- flag ) (NAME-ADDRESS) @ (SHOWN) OVER + 1+ WITHIN ;
: (SHOW-LINE) ( -- )
  (SHOWN) NIP 0= IF EXIT THEN
  (SHOWN) TYPE CR
  (NAME-IN-LINE?) IF
    (SHOWN) DROP (NAME-ADDRESS) @ OVER - (COLUMNS) SPACES
    1 (look) (NAME-AT) (COLUMNS) 1 MAX 0 ?DO 94 EMIT LOOP 0 (look) CR
  THEN ;
: (IN-TEXT?) ( -- flag ) (SOURCE-NUMBER) @ 0<> ;
: (SHOW-PLACE) ( -- )
  (IN-TEXT?) IF (SOURCE-NUMBER) @ (source-name) TYPE 58 EMIT (LINE) @ (PLAIN) ." : " THEN ;
: (SHOW-TRAP) ( n -- )
  1 (look)
  DUP -2 = (MESSAGE) @ AND IF DROP (MESSAGE) 2@ TYPE 0 (MESSAGE) ! 0 (look) CR EXIT THEN
  DUP (.trap)
  DUP -13 = IF ." : " (NAME-AT) TYPE THEN
  DUP (FILE-TRAP) @ = IF ." : " (FILE-NAME) 2@ TYPE THEN
  0 (look)
  -13 = IF (NAME-AT) (NEAREST) IF ."  (did you mean " (NAME-TYPE) 63 EMIT 41 EMIT ELSE DROP THEN THEN
  CR ;
\ Where the definition begins that the error is in, if that is another line.
: (SHOW-OPEN) ( xt source line -- )
  2DUP (LINE) @ = SWAP (SOURCE-NUMBER) @ = AND IF DROP 2DROP EXIT THEN
  ."   in the definition of " ROT (NAME-TYPE) ." , which begins at " (AT) CR ;

\ Says what a throw code means and where it came up. ABORT and QUIT say nothing.
: (REPORT-LINE) ( n -- )
  (SHOW-PLACE) (IN-TEXT?) IF DUP (SHOW-TRAP) (SHOW-LINE) DROP ELSE (SHOW-LINE) (SHOW-TRAP) THEN ;
: (REPORT) ( n -- )
  (QUIET?) (IN-TEXT?) OR 0= IF CR THEN
  DUP -56 = OVER -1 = OR IF DROP 0 STATE ! (discard-definition) EXIT THEN
  (REPORT-LINE) (open-definition) DUP IF DUP (word-place) DROP (SHOW-OPEN) ELSE DROP THEN (SHOW-TRACE)
  0 STATE ! (discard-definition) ;

\ ---- The prompt --------------------------------------------------------------------------------

: REFILL ( -- flag )
  BLK @ IF (REFILL-BLOCK) EXIT THEN
  SOURCE-ID 0< IF FALSE EXIT THEN
  SOURCE-ID 1 = IF (refill-text) EXIT THEN
  SOURCE-ID IF (REFILL-FILE) EXIT THEN
  \ While a line is typed there is none that a report could show.
  0 (SOURCE-LENGTH) !
  (INPUT-BUFFER) DUP (INPUT-LIMIT) TRUE (LINE-OF) (SOURCE-LENGTH) ! (SOURCE-ADDRESS) ! 0 >IN !
  1 (TYPED) +! (TYPED) @ (LINE) !
  SOURCE (check-line) TRUE ;
\ The same for a word that goes on over lines: what is typed then begins a line on the screen too.
: (NEXT-LINE) ( -- flag ) SOURCE-ID BLK @ OR (QUIET?) OR 0= IF CR THEN REFILL ;
\ A comment may go on over the lines of a text or a file.
: (CLOSED?) ( -- flag ) >IN @ DUP IF 1- SOURCE DROP + C@ 41 = THEN ;
: ( ( "comment" -- )
  BEGIN 41 PARSE 2DROP (CLOSED?) SOURCE-ID 1 < OR BLK @ OR 0= WHILE REFILL 0= UNTIL THEN ; IMMEDIATE

\ ---- Going back in the input -------------------------------------------------------------------

\ Reads the line again that has this number and begins there.
: (REREAD) ( u n -- flag )
  SOURCE-ID 0= IF 2DROP FALSE EXIT THEN
  SWAP SOURCE-ID 1 = IF (text-back) 0 ELSE 0 SOURCE-ID REPOSITION-FILE THEN
  IF DROP FALSE EXIT THEN 1- (LINE) ! REFILL ;
: SAVE-INPUT ( -- x1 … xn n )
  SOURCE (LINE-START) @ (LINE) @ BLK @ (SOURCE-NUMBER) @ SOURCE-ID >IN @ 8 ;
\ Whether the same line can be the input again; what is below the flag is its address and length.
: (SAME-SOURCE?) ( u n1 n2 n3 fileid -- flag )
  2 PICK 0<> BLK @ 0<> AND IF 2DROP NIP NIP (BLOCK-INPUT) TRUE EXIT THEN
  SOURCE-ID = SWAP (SOURCE-NUMBER) @ = AND SWAP BLK @ = AND 0= IF 2DROP FALSE EXIT THEN
  DUP (LINE) @ = SOURCE-ID 0< OR BLK @ OR IF 2DROP TRUE EXIT THEN (REREAD) ;
: RESTORE-INPUT ( x1 … xn n -- flag )
  8 <> IF -12 THROW THEN
  >R (SAME-SOURCE?) IF
    SOURCE ROT = ROT ROT = AND SOURCE-ID 0< 0= OR
  ELSE 2DROP FALSE THEN
  R> SWAP IF >IN ! FALSE ELSE DROP TRUE THEN ;

: (PROMPT) ( -- )
  SOURCE-ID (QUIET?) OR IF EXIT THEN
  STATE @ IF ."  compiled" ELSE ."  ok" THEN CR ;
: (LINES) ( -- ) BEGIN REFILL WHILE INTERPRET (PROMPT) REPEAT ;
: (EMPTY) ( i*x -- ) ( V: i*x -- ) ( F: i*r -- )
  BEGIN DEPTH WHILE DROP REPEAT BEGIN VDEPTH WHILE VDROP REPEAT BEGIN FDEPTH WHILE FDROP REPEAT ;
\ Reports, or says the code alone if what a report shows is out of reach: a program can make
\ anything its input, and has no handler left that could say so.
: (SAY) ( n -- ) DUP >R ['] (REPORT) (CATCH) IF DROP 0 (look) CR R@ (.trap) CR THEN R> DROP ;
\ What follows a throw that nobody handled; QUIT alone leaves the data stack as it is. Where no word
\ list is searched nothing could be typed any more, and little where ASSEMBLER is.
: (RECOVER) ( i*x n -- j*x )
  0 (PUT-DEPTH) ! DUP -56 <> IF >R (EMPTY) R> THEN (SAY) 0 (UNWIND-SOURCES) 0 BLK !
  (ORDER-COUNT) @ 0= IF ONLY THEN (ORDER) @ 4 = IF PREVIOUS THEN ;
\ After an error nobody handled: a script ends with it, a prompt goes on.
: (GIVE-UP?) ( n -- ) (mode) AND IF 1 (bye) THEN ;
\ A text that ends inside a definition is refused.
: (TEXT) ( i*x -- j*x ) (LINES) STATE @ IF -22 THROW THEN ;
: (TEXTS) ( -- )
  BEGIN (next-text) WHILE
    1 (SOURCE-ID) ! (text-name) (source-number) (SOURCE-NUMBER) ! ['] (TEXT) (CATCH) ?DUP IF (RECOVER) 1 (GIVE-UP?) THEN
  REPEAT
  (mode) 1 AND IF BYE THEN ;
: (BANNER) ( -- ) (QUIET?) IF EXIT THEN ." Stele VM v" (version) TYPE CR (SELF-TEST.) ." ok" CR ;
: (MAIN) ( -- )
  (SELF-TEST) (TEXTS) (BANNER)
  BEGIN
    0 (SOURCE-ID) ! 0 (SOURCE-NUMBER) ! 0 STATE ! 0 (watch)
    ['] (LINES) (CATCH) ?DUP IF (RECOVER) 2 (GIVE-UP?) THEN
  AGAIN ;

\ ---- Conditional interpretation ----------------------------------------------------------------

: (UPPER) ( char -- char ) DUP 97 123 WITHIN IF 32 - THEN ;
: (SAME-NAME?) ( c-addr1 u1 c-addr2 u2 -- flag )
  ROT OVER <> IF DROP 2DROP FALSE EXIT THEN
  0 ?DO 2DUP I + C@ (UPPER) SWAP I + C@ (UPPER) <> IF 2DROP FALSE UNLOOP EXIT THEN LOOP
  2DROP TRUE ;
\ How many [IF]s are open after a name that is skipped; an [ELSE] ends the outermost one.
: (SKIPPED) ( n1 c-addr u -- n2 )
  2DUP S" [IF]" (SAME-NAME?) IF 2DROP 1+ EXIT THEN
  2DUP S" [THEN]" (SAME-NAME?) IF 2DROP 1- EXIT THEN
  S" [ELSE]" (SAME-NAME?) IF DUP 1 = IF 1- THEN THEN ;
: [ELSE] ( "name…" -- )
  1 BEGIN
    BEGIN PARSE-NAME DUP WHILE (SKIPPED) DUP 0= IF DROP EXIT THEN REPEAT 2DROP
  (NEXT-LINE) 0= UNTIL DROP ; IMMEDIATE
: [IF] ( flag "name…" -- ) 0= IF [ELSE] THEN ; IMMEDIATE
: [THEN] ( -- ) ; IMMEDIATE

\ ---- Tools -------------------------------------------------------------------------------------

: (ALL-WORDS) ( -- )
  (BELOW) 0 (COLUMN) !
  (SEARCHED) DROP (ORDER) @ (word-count)
  BEGIN 2DUP (older) NIP DUP WHILE DUP (HIDDEN?) 0= IF DUP (SHOW-NAME) THEN REPEAT 2DROP CR ;
: (SHOW-LIKE) ( c-addr u -- )
  FALSE (word-count)
  BEGIN (older-like) DUP WHILE
    DUP (HIDDEN?) 0= IF DUP (FOUND?) IF DUP (SHOW-NAME) THEN THEN
  REPEAT 2DROP 2DROP ;
: WORDS-LIKE ( "text" -- )
  (BELOW) PARSE-NAME 0 (COLUMN) !
  2DUP (SHOW-LIKE)
  (COLUMN) @ IF 2DROP ELSE ." no word has " TYPE ."  in its name" THEN CR ;
\ Takes nothing away from what follows.
: (ONE-MORE?) ( -- flag ) >IN @ PARSE-NAME NIP 0<> PARSE-NAME NIP 0= AND SWAP >IN ! ;
\ The standard's WORDS takes no text from its line. So only where WORDS is typed as the first of two
\ words on the prompt's line is the other one a pattern: in a source text, a block, a string, a
\ definition, and with more words on the line nothing is taken.
: (PATTERN?) ( -- flag )
  SOURCE-ID BLK @ OR STATE @ OR (QUIET?) OR IF FALSE EXIT THEN
  SOURCE DROP (NAME-ADDRESS) @ OVER - -TRAILING NIP IF FALSE EXIT THEN
  (NAME-ADDRESS) @ (NAME-LENGTH) @ (find) DROP S" WORDS" (find) DROP = IF (ONE-MORE?) ELSE FALSE THEN ;
: WORDS ( -- ) (PATTERN?) IF WORDS-LIKE ELSE (ALL-WORDS) THEN ;
: VLIST ( -- ) WORDS ;
USER (SEEN-LINE)  \ the source's line that SEE has come to
\ Says where code came from that is not of the same line as what was shown before it.
: (SEE-LINE) ( xt n -- )
  (line-at) DUP 0= OVER (SEEN-LINE) @ = OR IF 2DROP EXIT THEN
  DUP (SEEN-LINE) ! ." \ " (AT) CR ;
: SEE ( "name" -- )
  ' DUP (word-flags) 16 AND IF
    DUP ." defer " (NAME-TYPE) ." , action " (word-body) (NAME-TYPE) CR EXIT
  THEN
  DUP ." : " DUP (NAME-TYPE)
  (word-place) DROP 2DUP OR IF ."   \ " 2DUP (AT) THEN CR NIP (SEEN-LINE) !
  0 BEGIN 2DUP (SEE-LINE) (see) CR DUP 0< UNTIL 2DROP ;
