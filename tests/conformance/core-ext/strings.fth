\ CORE EXT: string literals, PAD, ERASE and HOLDS.
SUITE core-ext/strings

: CHARS-OF ( c-addr u -- c1 .. cu u )
   DUP >R BEGIN DUP WHILE 1- SWAP DUP C@ ROT ROT CHAR+ SWAP REPEAT 2DROP R> ;

\ clause 6.2.2266 S\"
: ESC-PLAIN S\" abc" ;
T{ ESC-PLAIN CHARS-OF -> 97 98 99 3 }T
: ESC-EMPTY S\" " ;
T{ ESC-EMPTY NIP -> 0 }T
: ESC-ALL S\" \a\b\e\f\l\q\r\t\v\z\"\\" ;
T{ ESC-ALL CHARS-OF -> 7 8 27 12 10 34 13 9 11 0 34 92 12 }T
: ESC-M S\" \m" ;
T{ ESC-M CHARS-OF -> 13 10 2 }T
: ESC-N S\" \n" ;
T{ ESC-N CHARS-OF -> 10 1 }T
: ESC-HEX S\" \x41\x7F\xff\x00Z" ;
T{ ESC-HEX CHARS-OF -> 65 127 255 0 90 5 }T
: ESC-HEX-DIGITS S\" \x4142" ;
T{ ESC-HEX-DIGITS CHARS-OF -> 65 52 50 3 }T
: ESC-MIXED S\" say \qhi\q\n" ;
T{ ESC-MIXED CHARS-OF -> 115 97 121 32 34 104 105 34 10 9 }T
: ESC-UTF-8 S\" \xC3\xA9é" ;
T{ ESC-UTF-8 CHARS-OF -> 195 169 195 169 4 }T

\ clause 6.2.0855 C"
: COUNTED-ABC C" abc" ;
T{ COUNTED-ABC C@ -> 3 }T
T{ COUNTED-ABC COUNT CHARS-OF -> 97 98 99 3 }T
: COUNTED-EMPTY C" " ;
T{ COUNTED-EMPTY C@ -> 0 }T
: COUNTED-FINDS C" DUP" FIND NIP ;
T{ COUNTED-FINDS -> -1 }T

\ clause 6.2.2000 PAD
T{ PAD PAD = -> -1 }T
T{ 65 PAD C! 66 PAD 83 + C! PAD C@ PAD 83 + C@ -> 65 66 }T
T{ 65 PAD C! 66 PAD 83 + C! 12345 0 <# #S #> NIP PAD C@ PAD 83 + C@ -> 5 65 66 }T
T{ 65 PAD C! 66 PAD 83 + C! BL WORD abcdef C@ PAD C@ PAD 83 + C@ -> 6 65 66 }T

\ clause 6.2.1350 ERASE
CREATE ERASED 4 CELLS ALLOT
: SET-ALL ERASED 4 CELLS 255 FILL ;
T{ SET-ALL ERASED CELL+ 2 CELLS ERASE ERASED @ ERASED CELL+ 2@ ERASED 3 CELLS + @ -> -1 0 0 -1 }T
T{ SET-ALL ERASED 0 ERASE ERASED @ -> -1 }T
T{ SET-ALL ERASED 1 ERASE ERASED C@ ERASED 1+ C@ -> 0 255 }T

\ clause 6.2.1675 HOLDS
: HOLDS-AB <# S" ab" HOLDS 0 0 #> ;
T{ HOLDS-AB CHARS-OF -> 97 98 2 }T
: HOLDS-TWO <# S" world" HOLDS S" hello " HOLDS 0 0 #> ;
T{ HOLDS-TWO NIP -> 11 }T
T{ HOLDS-TWO DROP C@ -> 104 }T
: HOLDS-NOTHING <# S" " HOLDS 7 0 #S #> ;
T{ HOLDS-NOTHING CHARS-OF -> 55 1 }T
: HOLDS-UNIT ( n -- c-addr u ) 0 <# S" mm" HOLDS #S #> ;
T{ 42 HOLDS-UNIT CHARS-OF -> 52 50 109 109 4 }T

\ clause 6.2.1660 HEX
T{ HEX BASE @ DECIMAL -> 16 }T
T{ HEX FF DECIMAL -> 255 }T
: HEX-TEXT ( u -- c-addr u ) BASE @ >R HEX 0 <# #S #> R> BASE ! ;
T{ 48879 HEX-TEXT CHARS-OF -> 66 69 69 70 4 }T

\ clause 6.2.0210 .R
T{ 9 1 5 .R -> 9 }T
T{ 9 -1 0 .R -> 9 }T

\ clause 6.2.2330 U.R
T{ 9 1 5 U.R -> 9 }T

\ clause 6.2.0200 .(
T{ 1 .( printed while interpreting) 2 -> 1 2 }T
: PRINTS-EARLY 1 .( printed while compiling) 2 ;
T{ PRINTS-EARLY -> 1 2 }T

\ clause 6.2.2395 UNUSED
T{ UNUSED 80 ALLOT UNUSED - -> 80 }T
T{ UNUSED 0= -> 0 }T
