\ CORE EXT: further stack words, and pairs on the return stack.
SUITE core-ext/stack

\ clause 6.2.1930 NIP
T{ 1 2 NIP -> 2 }T
T{ 9 1 2 NIP -> 9 2 }T
T{ MIN-INT MAX-INT NIP -> MAX-INT }T

\ clause 6.2.2300 TUCK
T{ 1 2 TUCK -> 2 1 2 }T
T{ 9 1 2 TUCK -> 9 2 1 2 }T
T{ MIN-INT 0 TUCK -> 0 MIN-INT 0 }T

\ clause 6.2.2030 PICK
T{ 1 2 3 0 PICK -> 1 2 3 3 }T
T{ 1 2 3 1 PICK -> 1 2 3 2 }T
T{ 1 2 3 2 PICK -> 1 2 3 1 }T
T{ 0 1 2 3 4 5 6 7 8 9 9 PICK -> 0 1 2 3 4 5 6 7 8 9 0 }T
: PICKS ( a b c d -- sum ) 3 PICK 3 PICK 3 PICK 3 PICK ;
T{ 1 2 3 4 PICKS -> 1 2 3 4 1 2 3 4 }T

\ clause 6.2.2150 ROLL
T{ 1 2 3 0 ROLL -> 1 2 3 }T
T{ 1 2 3 1 ROLL -> 1 3 2 }T
T{ 1 2 3 2 ROLL -> 2 3 1 }T
T{ 1 2 3 4 3 ROLL -> 2 3 4 1 }T
T{ 9 1 2 3 4 5 4 ROLL -> 9 2 3 4 5 1 }T
T{ 0 1 2 3 4 5 6 7 8 9 9 ROLL -> 1 2 3 4 5 6 7 8 9 0 }T
T{ 1 2 3 4 3 ROLL 3 ROLL 3 ROLL 3 ROLL -> 1 2 3 4 }T
: ROLLS 4 0 DO 3 ROLL LOOP ;
T{ 5 6 7 8 ROLLS -> 5 6 7 8 }T
: ROLL-BY ROLL ;
T{ 1 2 3 4 5 2 ROLL-BY -> 1 2 4 5 3 }T

\ clause 6.2.0340 2>R
: PAIR-ACROSS 2>R 5 2R> ;
T{ 1 2 PAIR-ACROSS -> 5 1 2 }T
: PAIR-ORDER 2>R R> R> ;
T{ 1 2 PAIR-ORDER -> 2 1 }T

\ clause 6.2.0410 2R>
: PAIR-FROM >R >R 2R> ;
T{ 1 2 PAIR-FROM -> 2 1 }T
: PAIRS-NESTED 2>R 2>R 2R> 2R> ;
T{ 1 2 3 4 PAIRS-NESTED -> 1 2 3 4 }T

\ clause 6.2.0415 2R@
: PAIR-PEEK 2>R 2R@ 2R> ;
T{ 1 2 PAIR-PEEK -> 1 2 1 2 }T
: PAIR-PEEKS 2>R 2R@ + 2R@ * 2R> ;
T{ 3 4 PAIR-PEEKS -> 7 12 3 4 }T
