\ STRING: parts of strings, comparing, searching, literals.
SUITE string/parts

: EMPTY$ ( -- c-addr u ) S" " ;
: ABC$ ( -- c-addr u ) S" abcdefghijklmnopqrstuvwxyz" ;

\ clause 17.6.1.0170 -TRAILING
: TRAILED ( c-addr u1 -- n u2 ) OVER >R -TRAILING SWAP R> - SWAP ;
: TRAIL-1 S"  ab  " ;
: TRAIL-2 S"  ab" ;
: TRAIL-3 S"      " ;
: TRAIL-4 S\" ab \t" ;
T{ TRAIL-1 TRAILED -> 0 3 }T
T{ TRAIL-2 TRAILED -> 0 3 }T
T{ TRAIL-3 TRAILED -> 0 0 }T
T{ EMPTY$ -TRAILING NIP -> 0 }T
\ Spaces are removed, and nothing else that looks like them.
T{ TRAIL-4 -TRAILING NIP -> 4 }T
T{ PAD 1 BLANK PAD 1 -TRAILING NIP -> 0 }T
T{ PAD 1000 BLANK 65 PAD C! PAD 1000 -TRAILING NIP -> 1 }T

\ clause 17.6.1.0245 /STRING
: CUT ( n -- n1 u ) ABC$ ROT /STRING SWAP ABC$ DROP - SWAP ;
T{ 0 CUT -> 0 26 }T
T{ 5 CUT -> 5 21 }T
T{ 26 CUT -> 26 0 }T
T{ -3 CUT -> -3 29 }T
T{ ABC$ 10 /STRING -10 /STRING ABC$ D= -> TRUE }T
T{ 100 0 5 /STRING -> 105 -5 }T
T{ 100 5 MIN-INT /STRING -> MIN-INT 100 + MIN-INT 5 + }T

\ clause 17.6.1.0935 COMPARE
T{ ABC$ ABC$ COMPARE -> 0 }T
T{ EMPTY$ EMPTY$ COMPARE -> 0 }T
T{ EMPTY$ ABC$ COMPARE -> -1 }T
T{ ABC$ EMPTY$ COMPARE -> 1 }T
T{ ABC$ ABC$ 1- COMPARE -> 1 }T
T{ ABC$ 1- ABC$ COMPARE -> -1 }T
: CMP-1 S" abc" S" abd" ;
: CMP-2 S" abd" S" abc" ;
: CMP-3 S" abc" S" abcd" ;
: CMP-4 S" b" S" abcd" ;
: CMP-5 S" ab" S" b" ;
: CMP-6 S\" \x7F" S\" \x80" ;
: CMP-7 S\" \xFF" S\" a" ;
: CMP-8 S\" a\zb" S\" a\zc" ;
: CMP-9 S" abc" S" ABC" ;
T{ CMP-1 COMPARE -> -1 }T
T{ CMP-2 COMPARE -> 1 }T
T{ CMP-3 COMPARE -> -1 }T
T{ CMP-4 COMPARE -> 1 }T
T{ CMP-5 COMPARE -> -1 }T
\ Characters have no sign, zero is one of them, and case matters.
T{ CMP-6 COMPARE -> -1 }T
T{ CMP-7 COMPARE -> 1 }T
T{ CMP-8 COMPARE -> -1 }T
T{ CMP-9 COMPARE -> 1 }T
\ The length does not decide before the characters do.
T{ CMP-4 2SWAP COMPARE -> -1 }T

\ clause 17.6.1.2191 SEARCH
: HIT ( c-addr1 u1 c-addr2 u2 -- n u flag ) 2OVER DROP >R SEARCH ROT R> - ROT ROT ;
: SEEK-A S" a" ;
: SEEK-Z S" z" ;
: SEEK-MID S" mnop" ;
: SEEK-NOT S" mnoq" ;
: SEEK-CASE S" M" ;
: SEEK-LONG S" abcdefghijklmnopqrstuvwxyz0" ;
T{ ABC$ SEEK-A HIT -> 0 26 TRUE }T
T{ ABC$ SEEK-Z HIT -> 25 1 TRUE }T
T{ ABC$ SEEK-MID HIT -> 12 14 TRUE }T
T{ ABC$ ABC$ HIT -> 0 26 TRUE }T
T{ ABC$ SEEK-NOT HIT -> 0 26 FALSE }T
T{ ABC$ SEEK-CASE HIT -> 0 26 FALSE }T
T{ ABC$ SEEK-LONG HIT -> 0 26 FALSE }T
T{ ABC$ EMPTY$ HIT -> 0 26 TRUE }T
T{ EMPTY$ EMPTY$ HIT -> 0 0 TRUE }T
T{ EMPTY$ SEEK-A HIT -> 0 0 FALSE }T
\ The end of the string is the end, whatever lies behind it.
T{ ABC$ 1- SEEK-Z HIT -> 0 25 FALSE }T
T{ ABC$ 2 - SEEK-MID HIT -> 12 12 TRUE }T
\ The first of several is found, also where one begins inside another.
: SEEK-TWICE S" xabxabxab" ;
: SEEK-ABX S" abx" ;
T{ SEEK-TWICE SEEK-ABX HIT -> 1 8 TRUE }T
: SEEK-AAAB S" aaaaab" ;
: SEEK-AAB S" aab" ;
T{ SEEK-AAAB SEEK-AAB HIT -> 3 3 TRUE }T
: SEEK-ZEROS S\" a\z\zb" ;
: SEEK-ZB S\" \zb" ;
T{ SEEK-ZEROS SEEK-ZB HIT -> 2 2 TRUE }T
\ Long ranges: what is sought is found at their end, or missed by one character.
50000 CONSTANT LONG
CREATE LONG-TEXT LONG ALLOT
CREATE LONG-TAIL 30001 ALLOT
: LONG-FILL LONG-TEXT LONG 97 FILL LONG-TAIL 30001 97 FILL 98 LONG-TAIL 30000 + C! ;
T{ LONG-FILL LONG-TEXT LONG LONG-TAIL 30000 HIT -> 0 LONG TRUE }T
T{ 98 LONG-TEXT LONG + 1- C! LONG-TEXT LONG LONG-TAIL 30000 + 1 HIT -> LONG 1- 1 TRUE }T
T{ LONG-TEXT LONG LONG-TAIL 29900 + 101 HIT -> LONG 101 - 101 TRUE }T
T{ LONG-TEXT 35000 LONG-TAIL 30000 HIT -> 0 35000 TRUE }T
T{ LONG-TEXT 30010 LONG-TAIL 30001 HIT -> 0 30010 FALSE }T
T{ LONG-TEXT LONG 1- LONG-TEXT 1+ LONG 1- COMPARE -> -1 }T
T{ LONG-TEXT LONG 2 - LONG-TEXT 1+ LONG 2 - COMPARE -> 0 }T

\ clause 17.6.1.2212 SLITERAL
: LIT-1 [ ABC$ ] SLITERAL ;
T{ LIT-1 ABC$ COMPARE -> 0 }T
\ The characters are copied.
T{ LIT-1 DROP ABC$ DROP = -> FALSE }T
T{ 65 PAD C! 66 PAD 1+ C! -> }T
: LIT-2 [ PAD 2 ] SLITERAL ;
T{ 67 PAD C! LIT-2 DROP C@ LIT-2 NIP -> 65 2 }T
: LIT-3 [ PAD 0 ] SLITERAL ;
T{ LIT-3 NIP -> 0 }T
: LIT, POSTPONE SLITERAL ; IMMEDIATE
: LIT-4 [ ABC$ 3 MIN ] LIT, 1- ;
T{ LIT-4 NIP -> 2 }T

\ clause 6.1.1345 ENVIRONMENT?
T{ S" STRING" ENVIRONMENT? -> TRUE TRUE }T
T{ S" STRING-EXT" ENVIRONMENT? -> TRUE TRUE }T
