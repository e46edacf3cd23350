\ Blocks of 1,024 bytes (Forth-2012, 7), in memory or in a file of the host, and words to edit them.
\
\ A block is worked on in one of some buffers, which are ordinary data space. A buffer is described by
\ three cells: the block's number plus one, or 0 for none; when it was used last; whether it was
\ updated.

USER SCR              \ block listed last
USER (BLOCKS-FILE)    \ file that has the blocks; 0 where memory has them
USER (SLOT)           \ buffer used last; 0 for none
USER (CLOCK)          \ how often buffers were used

\ ---- Where blocks are kept ---------------------------------------------------------------------

: (VALID?) ( u -- flag ) (BLOCKS-FILE) @ IF $10000000000 ELSE (MEMORY-BLOCKS) THEN U< ;
: (BLOCK?) ( u -- u ) DUP (VALID?) 0= IF -35 THROW THEN ;
\ Throws for what the host refuses; the code given where it does not say why.
: (EXPECTED) ( ior n -- ) OVER -76 -61 WITHIN IF NIP ELSE DROP THEN THROW ;
: (BLOCK-PLACE) ( u -- ud ) (BLOCK-SIZE) UM* ;
: (BLOCKS-END) ( -- ud ) (BLOCKS-FILE) @ FILE-SIZE -33 (EXPECTED) ;
: (AT-BLOCK) ( u -- ) (BLOCK-PLACE) (BLOCKS-FILE) @ REPOSITION-FILE -33 (EXPECTED) ;
\ What the file does not have of a block is blank.
: (READ-BLOCK) ( a-addr u -- )
  OVER (BLOCK-SIZE) BL FILL
  DUP (BLOCK-PLACE) (BLOCKS-END) DU< 0= IF 2DROP EXIT THEN
  (AT-BLOCK) (BLOCK-SIZE) (BLOCKS-FILE) @ READ-FILE -33 (EXPECTED) DROP ;
: (WRITE-BLOCK) ( a-addr u -- )
  (BLOCKS-END) 2 PICK (BLOCK-PLACE) 2SWAP 2OVER DU< IF
    2DUP (BLOCKS-FILE) @ RESIZE-FILE -34 (EXPECTED)
  THEN 2DROP
  (AT-BLOCK) (BLOCK-SIZE) (BLOCKS-FILE) @ WRITE-FILE -34 (EXPECTED) ;
: (GET-BLOCK) ( a-addr u -- ) (BLOCKS-FILE) @ IF (READ-BLOCK) ELSE (memory-block@) THEN ;
: (PUT-BLOCK) ( a-addr u -- ) (BLOCKS-FILE) @ IF (WRITE-BLOCK) ELSE (memory-block!) THEN ;

\ ---- Buffers -----------------------------------------------------------------------------------

: (SLOT-AT) ( n -- slot ) 24 * (BLOCK-TABLE) + ;
: (USED) ( slot -- a-addr ) CELL+ ;
: (UPDATED) ( slot -- a-addr ) CELL+ CELL+ ;
: (CONTENTS) ( slot -- a-addr ) (BLOCK-TABLE) - 24 / (BLOCK-SIZE) * (BLOCK-BUFFERS) + ;
: (SLOT-OF) ( u -- slot | 0 )
  1+ (BLOCK-SLOTS) BEGIN DUP WHILE 1- 2DUP (SLOT-AT) @ = IF NIP (SLOT-AT) EXIT THEN REPEAT NIP ;
: (OLDEST) ( -- slot )
  0 (SLOT-AT) (BLOCK-SLOTS) 1 DO
    I (SLOT-AT) 2DUP (USED) @ SWAP (USED) @ U< IF NIP ELSE DROP THEN
  LOOP ;
: (SAVE-SLOT) ( slot -- )
  DUP (UPDATED) @ IF DUP (CONTENTS) OVER @ 1- (PUT-BLOCK) 0 OVER (UPDATED) ! THEN DROP ;
: (FREE-SLOT) ( slot -- ) DUP 24 ERASE (SLOT) @ = IF 0 (SLOT) ! THEN ;
\ A buffer whose block is saved, so that another can have it.
: (NEW-SLOT) ( -- slot ) (OLDEST) DUP (SAVE-SLOT) DUP (FREE-SLOT) ;
: (USE-SLOT) ( slot -- a-addr ) 1 (CLOCK) +! (CLOCK) @ OVER (USED) ! DUP (SLOT) ! (CONTENTS) ;
: BUFFER ( u -- a-addr )
  (BLOCK?) DUP (SLOT-OF) DUP IF NIP ELSE DROP 1+ (NEW-SLOT) TUCK ! THEN (USE-SLOT) ;
: BLOCK ( u -- a-addr )
  (BLOCK?) DUP (SLOT-OF) DUP IF NIP (USE-SLOT) EXIT THEN DROP
  (NEW-SLOT) 2DUP (CONTENTS) SWAP (GET-BLOCK) SWAP 1+ OVER ! (USE-SLOT) ;
: UPDATE ( -- ) (SLOT) @ DUP 0= IF -35 THROW THEN TRUE SWAP (UPDATED) ! ;
: SAVE-BUFFERS ( -- ) (BLOCK-SLOTS) 0 DO I (SLOT-AT) (SAVE-SLOT) LOOP ;
: EMPTY-BUFFERS ( -- ) (BLOCK-SLOTS) 0 DO I (SLOT-AT) (FREE-SLOT) LOOP ;
: FLUSH ( -- ) SAVE-BUFFERS EMPTY-BUFFERS ;

\ Takes blocks from memory again.
: CLOSE-BLOCKS ( -- ) FLUSH (BLOCKS-FILE) @ 0 (BLOCKS-FILE) ! DUP IF CLOSE-FILE THEN THROW ;
\ Takes blocks from a file, which is made if it is not there.
: OPEN-BLOCKS ( c-addr u -- )
  2DUP R/W OPEN-FILE DUP -38 = IF 2DROP 2DUP R/W CREATE-FILE THEN
  (OPENED) DROP CLOSE-BLOCKS (BLOCKS-FILE) ! ;
: USE ( "name" -- ) (NAME) OPEN-BLOCKS ;

\ ---- Blocks as sources -------------------------------------------------------------------------

\ The input is a copy, so the buffer may be used for other blocks meanwhile.
: (BLOCK-INPUT) ( u -- )
  DUP BLOCK (TEXT-BUFFER) (BLOCK-SIZE) MOVE (BLOCK-SIZE) (TEXT-LENGTH) !
  DUP S" block " (NUMBERED) (source-number) (SOURCE-NUMBER) ! BLK !
  (TEXT-BUFFER) (SOURCE-ADDRESS) ! (BLOCK-SIZE) (SOURCE-LENGTH) !
  0 (SOURCE-ID) ! 0 >IN ! 0 (LINE) ! SOURCE (check-line) ;
\ The next block; false after the last.
: (REFILL-BLOCK) ( -- flag )
  BLK @ 1+ DUP (VALID?) IF (BLOCK-INPUT) TRUE ELSE DROP FALSE THEN ;
: LOAD ( i*x u -- j*x )
  DUP 0= IF -35 THROW THEN (BLOCK?) (push-source) (BLOCK-INPUT) INTERPRET (LEAVE-SOURCE) ;
: THRU ( i*x u1 u2 -- j*x ) 1+ SWAP 2DUP U> IF DO I LOAD LOOP ELSE 2DROP THEN ;

\ ---- Editor ------------------------------------------------------------------------------------

: (BLOCK-LINE) ( n u -- c-addr u ) BLOCK SWAP (LINE-SIZE) * + (LINE-SIZE) ;
\ What is no character shows as a blank.
: (SHOW-GRAPHIC) ( c-addr u -- )
  BEGIN DUP WHILE OVER C@ DUP BL < IF DROP BL THEN EMIT 1 /STRING REPEAT 2DROP ;
: LIST ( u -- )
  (BLOCK?) DUP SCR ! (BELOW) ." block " (PLAIN) CR
  16 0 DO I 10 < IF SPACE THEN I (PLAIN) SPACE I SCR @ (BLOCK-LINE) -TRAILING (SHOW-GRAPHIC) CR LOOP ;
: L ( -- ) SCR @ LIST ;
: EDIT ( u -- ) LIST ;
: SHOW ( u1 u2 -- ) 1+ SWAP 2DUP U> IF DO I LIST LOOP ELSE 2DROP THEN ;
\ Makes the text line n of the block listed last.
: S ( n "text" -- )
  DUP 0 16 WITHIN 0= IF -24 THROW THEN
  0 PARSE DUP (LINE-SIZE) > IF -18 THROW THEN
  ROT SCR @ (BLOCK-LINE) OVER SWAP BL FILL SWAP MOVE UPDATE ;

\ What EDITOR finds first, also where a program has given these names to words of its own.
3 VOCABULARY EDITOR
3 SET-CURRENT
: L ( -- ) L ;
: EDIT ( u -- ) EDIT ;
: SHOW ( u1 u2 -- ) SHOW ;
: S ( n "text" -- ) S ;
1 SET-CURRENT
