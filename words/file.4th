\ Files of the host (Forth-2012, 11). Where there are none, each word that returns an ior says so.

0 CONSTANT R/O
1 CONSTANT W/O
2 CONSTANT R/W
\ All files are bytes here.
: BIN ( fam1 -- fam2 ) 0 + ;

: OPEN-FILE ( c-addr u fam -- fileid ior ) FALSE (open-file) ;
: CREATE-FILE ( c-addr u fam -- fileid ior ) TRUE (open-file) ;
: CLOSE-FILE ( fileid -- ior ) (close-file) ;
: READ-FILE ( c-addr u1 fileid -- u2 ior ) 0 (read-file) ;
: READ-LINE ( c-addr u1 fileid -- u2 flag ior ) 0 (read-line) ;
: WRITE-FILE ( c-addr u fileid -- ior ) (write-file) ;
: FLUSH-FILE ( fileid -- ior ) (flush-file) ;
: FILE-POSITION ( fileid -- ud ior ) (file-position) ;
: FILE-SIZE ( fileid -- ud ior ) (file-size) ;
: REPOSITION-FILE ( ud fileid -- ior ) (reposition-file) ;
: RESIZE-FILE ( ud fileid -- ior ) (resize-file) ;
: DELETE-FILE ( c-addr u -- ior ) (delete-file) ;
: RENAME-FILE ( c-addr1 u1 c-addr2 u2 -- ior ) (rename-file) ;
: FILE-STATUS ( c-addr u -- x ior ) (file-status) ;

\ A line that cannot be written is said to be one.
: (AS-LINE) ( ior1 -- ior2 ) DUP -75 = IF 1- THEN ;
: WRITE-LINE ( c-addr u fileid -- ior )
  DUP >R WRITE-FILE DUP IF R> DROP (AS-LINE) EXIT THEN DROP
  10 (LINE-BUFFER) C! (LINE-BUFFER) 1 R> WRITE-FILE (AS-LINE) ;

\ ---- Files as sources --------------------------------------------------------------------------

\ What begins a script is a comment.
: #! ( "comment" -- ) POSTPONE \ ; IMMEDIATE

USER (FILE-NAME)      \ length and, in the next cell, address of the name that could not be opened
USER (FILE-NAME-ADDRESS)
USER (FILE-TRAP)      \ why not

\ The next line of the file; false after the last.
: (REFILL-FILE) ( -- flag )
  0 (SOURCE-LENGTH) ! 0 (TEXT-LENGTH) !
  SOURCE-ID FILE-POSITION 2DROP (LINE-START) !
  (TEXT-BUFFER) (TEXT-LIMIT) 1+ SOURCE-ID READ-LINE THROW 0= IF DROP FALSE EXIT THEN
  1 (LINE) +!
  DUP (TEXT-LIMIT) > IF -259 THROW THEN
  DUP (TEXT-LENGTH) ! (SOURCE-LENGTH) ! (TEXT-BUFFER) (SOURCE-ADDRESS) ! 0 >IN !
  SOURCE (check-line) TRUE ;

\ Begins source n, a file.
: (BEGIN-FILE) ( fileid n -- )
  (push-source) (SOURCE-NUMBER) ! DUP (FILE) ! (SOURCE-ID) ! 0 BLK ! 0 (LINE) ! ;
: (INCLUDE) ( i*x fileid n -- j*x )
  (BEGIN-FILE) BEGIN (REFILL-FILE) WHILE INTERPRET REPEAT
  (FILE) @ 0 (FILE) ! CLOSE-FILE (LEAVE-SOURCE) THROW ;
: INCLUDE-FILE ( i*x fileid -- j*x ) S" an open file" (source-number) (INCLUDE) ;

\ Bytes of a name up to its last slash.
: (DIRECTORY) ( c-addr u1 -- c-addr u2 )
  BEGIN DUP WHILE 2DUP 1- + C@ 47 <> WHILE 1- REPEAT THEN ;
\ The same name beside the source that names it.
: (BESIDE) ( c-addr1 u1 -- c-addr2 u2 )
  OVER C@ 47 = IF EXIT THEN
  (SOURCE-NUMBER) @ (source-name) (DIRECTORY)
  2 PICK OVER + (STRING-LIMIT) > OVER 0= OR IF 2DROP EXIT THEN
  (BUFFER) DUP >R SWAP DUP >R MOVE
  2R@ + SWAP DUP R> + >R MOVE 2R> ;
: (OPENED) ( c-addr u fileid ior -- fileid n )
  ?DUP IF DUP (FILE-TRAP) ! >R DROP (FILE-NAME) 2! R> THROW THEN
  >R (source-number) R> SWAP ;
\ Opens a source: what has the name, or if nothing has, what has it beside the source that names it.
\ None is opened where it could not be begun.
: (OPEN-SOURCE) ( c-addr u -- fileid n )
  (NESTED) @ (MOST-NESTED) = IF -319 THROW THEN
  2DUP R/O OPEN-FILE DUP -38 = IF 2DROP (BESIDE) 2DUP R/O OPEN-FILE THEN (OPENED) ;
\ A number in decimal behind some text.
: (NUMBERED) ( u1 c-addr1 u2 -- c-addr2 u3 )
  2>R BASE @ SWAP DECIMAL 0 <# #S 2R> HOLDS #> ROT BASE ! ;
\ A word that cannot be typed says that a source was included, so that MARKER and FORGET take that
\ back with what came from it. None is made in the middle of a definition, which it would end.
: (INCLUDED-NAME) ( n -- c-addr u ) S" (included) " (NUMBERED) ;
: (INCLUDED?) ( n -- flag ) (INCLUDED-NAME) 1 (find-in) NIP 0<> ;
: (REMEMBER) ( n -- )
  (defining?) OVER (INCLUDED?) OR IF DROP EXIT THEN
  (LATEST) @ >R (INCLUDED-NAME) 4 0 1 (header-in) DROP R> (LATEST) ! ;
: INCLUDED ( i*x c-addr u -- j*x ) (OPEN-SOURCE) DUP >R (INCLUDE) R> (REMEMBER) ;
: INCLUDE ( i*x "name" -- j*x ) (NAME) INCLUDED ;
: INIT ( i*x -- j*x ) S" init.4th" INCLUDED ;
\ A source that is being interpreted counts as included, so two may require each other.
: REQUIRED ( i*x c-addr u -- i*x | j*x )
  (OPEN-SOURCE) DUP (INCLUDED?) OVER (source-open?) OR IF DROP CLOSE-FILE THROW EXIT THEN
  DUP >R (INCLUDE) R> (REMEMBER) ;
: REQUIRE ( i*x "name" -- i*x | j*x ) (NAME) REQUIRED ;
