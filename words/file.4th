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
