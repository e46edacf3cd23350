\ Data space: fetching and storing cells, pairs and characters, reserving and aligning it, MOVE and FILL.
\ A cell is 8 address units and a character is 1.
SUITE core/memory

\ clause 6.1.0010 !
CREATE M1 3 CELLS ALLOT
T{ 0 M1 ! M1 @ -> 0 }T
T{ 1 M1 ! M1 @ -> 1 }T
T{ -1 M1 ! M1 @ -> -1 }T
T{ MIN-INT M1 ! M1 @ -> MIN-INT }T
T{ MAX-INT M1 ! M1 @ -> MAX-INT }T
T{ 5 M1 ! 6 M1 CELL+ ! M1 @ M1 CELL+ @ -> 5 6 }T
T{ 1 M1 ! 2 M1 CELL+ ! 3 M1 2 CELLS + ! 9 M1 CELL+ ! M1 @ M1 CELL+ @ M1 2 CELLS + @ -> 1 9 3 }T

\ clause 6.1.0650 @
T{ 7 M1 ! M1 @ M1 @ -> 7 7 }T
T{ 1 40 LSHIFT 1+ M1 ! M1 @ -> 1099511627777 }T
: FETCH-TWICE DUP @ SWAP @ ;
T{ 8 M1 ! M1 FETCH-TWICE -> 8 8 }T

\ clause 6.1.0130 +!
T{ 0 M1 ! 1 M1 +! M1 @ -> 1 }T
T{ 5 M1 ! -7 M1 +! M1 @ -> -2 }T
T{ MAX-INT M1 ! 1 M1 +! M1 @ -> MIN-INT }T
T{ 1 M1 ! 2 M1 CELL+ ! 10 M1 +! M1 @ M1 CELL+ @ -> 11 2 }T
T{ 3 M1 ! 0 M1 +! M1 @ -> 3 }T

\ clause 6.1.0310 2!
T{ 1 2 M1 2! M1 @ M1 CELL+ @ -> 2 1 }T
T{ 7 M1 2 CELLS + ! 1 2 M1 2! M1 2 CELLS + @ -> 7 }T
T{ MIN-INT MAX-INT M1 2! M1 @ M1 CELL+ @ -> MAX-INT MIN-INT }T

\ clause 6.1.0350 2@
T{ 3 4 M1 2! M1 2@ -> 3 4 }T
T{ 5 M1 ! 6 M1 CELL+ ! M1 2@ -> 6 5 }T
T{ MIN-INT MAX-INT M1 2! M1 2@ -> MIN-INT MAX-INT }T

\ clause 6.1.0850 C!
CREATE M2 16 CHARS ALLOT
T{ 65 M2 C! M2 C@ -> 65 }T
T{ 0 M2 C! M2 C@ -> 0 }T
T{ 255 M2 C! M2 C@ -> 255 }T
T{ 65 M2 C! 66 M2 CHAR+ C! M2 C@ M2 CHAR+ C@ -> 65 66 }T
T{ 1 M2 C! 2 M2 1 + C! 3 M2 2 + C! 9 M2 1 + C! M2 C@ M2 1 + C@ M2 2 + C@ -> 1 9 3 }T
T{ 256 M2 C! M2 C@ -> 0 }T
T{ 321 M2 C! M2 C@ -> 65 }T
T{ -1 M2 C! M2 C@ -> 255 }T
T{ MAX-UINT M1 ! 0 M1 C! M1 @ MAX-UINT = -> 0 }T

\ clause 6.1.0870 C@
T{ 200 M2 C! M2 C@ -> 200 }T
T{ 0 M1 ! M1 C@ M1 7 + C@ -> 0 0 }T
T{ MAX-UINT M1 ! M1 C@ M1 7 + C@ -> 255 255 }T

\ clause 6.1.0880 CELL+
T{ M1 CELL+ M1 - -> 8 }T
T{ 0 CELL+ -> 8 }T
T{ 100 CELL+ CELL+ -> 116 }T

\ clause 6.1.0890 CELLS
T{ 0 CELLS -> 0 }T
T{ 1 CELLS -> 8 }T
T{ 10 CELLS -> 80 }T
T{ -1 CELLS -> -8 }T

\ clause 6.1.0897 CHAR+
T{ M2 CHAR+ M2 - -> 1 }T
T{ 0 CHAR+ -> 1 }T

\ clause 6.1.0898 CHARS
T{ 0 CHARS -> 0 }T
T{ 1 CHARS -> 1 }T
T{ 10 CHARS -> 10 }T

\ clause 6.1.1650 HERE
T{ HERE HERE = -> -1 }T
T{ HERE 0= -> 0 }T
CREATE M3
T{ M3 HERE = -> -1 }T

\ clause 6.1.0710 ALLOT
T{ HERE 10 CELLS ALLOT HERE SWAP - -> 80 }T
T{ HERE 0 ALLOT HERE SWAP - -> 0 }T
T{ HERE 16 ALLOT -16 ALLOT HERE SWAP - -> 0 }T
T{ HERE 3 CHARS ALLOT HERE SWAP - -> 3 }T
T{ ALIGN HERE 1 CELLS ALLOT 77 OVER ! @ -> 77 }T
T{ HERE 1000 CELLS ALLOT 77 OVER 999 CHARS + C! 999 CHARS + C@ -1000 CELLS ALLOT -> 77 }T

\ clause 6.1.0705 ALIGN
T{ ALIGN HERE ALIGN HERE = -> -1 }T
T{ ALIGN HERE 1 ALLOT ALIGN HERE SWAP - -> 8 }T
T{ ALIGN HERE 7 ALLOT ALIGN HERE SWAP - -> 8 }T
T{ ALIGN HERE 8 ALLOT ALIGN HERE SWAP - -> 8 }T
T{ ALIGN HERE 9 ALLOT ALIGN HERE SWAP - -> 16 }T

\ clause 6.1.0706 ALIGNED
T{ 0 ALIGNED -> 0 }T
T{ 1 ALIGNED -> 8 }T
T{ 7 ALIGNED -> 8 }T
T{ 8 ALIGNED -> 8 }T
T{ 9 ALIGNED -> 16 }T
T{ ALIGN HERE ALIGNED HERE = -> -1 }T
CREATE M4
T{ M4 ALIGNED M4 = -> -1 }T

\ clause 6.1.0150 ,
T{ ALIGN HERE 5 , HERE SWAP - -> 8 }T
T{ ALIGN HERE 5 , 6 , MIN-INT , DUP @ OVER CELL+ @ ROT 2 CELLS + @ -> 5 6 MIN-INT }T
CREATE M5 1 , 2 , 3 ,
T{ M5 @ M5 CELL+ @ M5 2 CELLS + @ -> 1 2 3 }T
T{ M5 2@ -> 2 1 }T

\ clause 6.1.0860 C,
T{ HERE 65 C, HERE SWAP - -> 1 }T
CREATE M6 72 C, 105 C, 33 C, 255 C, 0 C,
T{ M6 C@ M6 1+ C@ M6 2 + C@ M6 3 + C@ M6 4 + C@ -> 72 105 33 255 0 }T
T{ ALIGN HERE 1 C, ALIGN 9 , DUP C@ SWAP CELL+ @ -> 1 9 }T

\ ---- blocks of characters ----
CREATE B1 10 CHARS ALLOT
CREATE B2 10 CHARS ALLOT
: SEE-5 ( c-addr -- c1 .. c5 )
   DUP C@ SWAP CHAR+ DUP C@ SWAP CHAR+ DUP C@ SWAP CHAR+ DUP C@ SWAP CHAR+ C@ ;
: SET-5 ( c-addr -- ) 5 0 DO I 1+ OVER I CHARS + C! LOOP DROP ;

\ clause 6.1.1540 FILL
T{ B1 SET-5 B1 5 0 FILL B1 SEE-5 -> 0 0 0 0 0 }T
T{ B1 SET-5 B1 0 9 FILL B1 SEE-5 -> 1 2 3 4 5 }T
T{ B1 SET-5 B1 1 9 FILL B1 SEE-5 -> 9 2 3 4 5 }T
T{ B1 SET-5 B1 1+ 3 9 FILL B1 SEE-5 -> 1 9 9 9 5 }T
T{ B1 5 255 FILL B1 SEE-5 -> 255 255 255 255 255 }T
T{ B1 5 BL FILL B1 SEE-5 -> 32 32 32 32 32 }T
\ Blocks large enough that a system may do them in pieces; looked at every 1999 characters, and at both ends.
40000 CONSTANT BIG
CREATE B3 BIG CHARS ALLOT
: SAMPLED? ( char u -- flag ) \ whether the characters 0, 1999, .. below u, and the one at u-1, are char
   2DUP 1- CHARS B3 + C@ = ROT ROT
   0 DO B3 I CHARS + C@ OVER = ROT AND SWAP 1999 +LOOP DROP ;
T{ B3 BIG 7 FILL 7 BIG SAMPLED? -> -1 }T
T{ B3 BIG 7 FILL B3 BIG 1- 8 FILL 8 BIG 1- SAMPLED? B3 BIG 1- CHARS + C@ -> -1 7 }T

\ clause 6.1.1900 MOVE
T{ B1 SET-5 B2 5 0 FILL B1 B2 5 MOVE B2 SEE-5 -> 1 2 3 4 5 }T
T{ B1 SET-5 B1 B2 5 MOVE B1 SEE-5 -> 1 2 3 4 5 }T
T{ B1 SET-5 B2 5 0 FILL B1 B2 0 MOVE B2 SEE-5 -> 0 0 0 0 0 }T
T{ B1 SET-5 B2 5 0 FILL B1 B2 1 MOVE B2 SEE-5 -> 1 0 0 0 0 }T
T{ B1 SET-5 B2 5 0 FILL B1 1+ B2 3 MOVE B2 SEE-5 -> 2 3 4 0 0 }T
T{ B1 SET-5 B1 B1 1+ 4 MOVE B1 SEE-5 -> 1 1 2 3 4 }T
T{ B1 SET-5 B1 1+ B1 4 MOVE B1 SEE-5 -> 2 3 4 5 5 }T
T{ B1 SET-5 B1 B1 2 + 3 MOVE B1 SEE-5 -> 1 2 1 2 3 }T
T{ B1 SET-5 B1 2 + B1 3 MOVE B1 SEE-5 -> 3 4 5 4 5 }T
T{ B1 SET-5 B1 B1 5 MOVE B1 SEE-5 -> 1 2 3 4 5 }T
T{ M5 M1 3 CELLS MOVE M1 @ M1 CELL+ @ M1 2 CELLS + @ -> 1 2 3 }T
\ Marks in an empty block show how far, and whether once, it was moved.
: MARK-B3 B3 BIG 0 FILL BIG 0 DO I 251 MOD 1+ B3 I CHARS + C! 1999 +LOOP ;
: MARKED? ( n u -- flag ) \ whether the marks of the first u characters are n further on, and between them nothing
   -1 SWAP 0 DO
      OVER I + CHARS B3 + DUP C@ I 251 MOD 1+ = SWAP CHAR+ C@ 0= AND AND
   1999 +LOOP SWAP DROP ;
T{ MARK-B3 0 BIG 1- MARKED? -> -1 }T
T{ MARK-B3 B3 B3 1+ BIG 1- MOVE 1 BIG 2 - MARKED? B3 C@ -> -1 1 }T
T{ MARK-B3 B3 B3 CHAR+ CHAR+ BIG 2 - MOVE 2 BIG 3 - MARKED? B3 C@ B3 CHAR+ C@ -> -1 1 0 }T
T{ MARK-B3 B3 1999 CHARS + B3 BIG 1999 - MOVE B3 C@ B3 1999 CHARS + C@ B3 35982 CHARS + C@ -> 243 234 81 }T
T{ MARK-B3 B3 B3 20000 + 19999 MOVE 20000 19999 MARKED? 0 19999 MARKED? -> -1 -1 }T
