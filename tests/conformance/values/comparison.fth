\ The two equalities, the total order, the hash.
SUITE values/comparison

T{ ~1 ~1.0 V= ~1 ~1.0 IDENTICAL? -> TRUE FALSE }T
T{ ~0.0 ~-0.0 V= ~0.0 ~-0.0 IDENTICAL? -> TRUE FALSE }T
T{ ~##NaN ~##NaN V= ~##NaN ~##NaN IDENTICAL? -> TRUE TRUE }T
T{ ~9007199254740993 ~9007199254740992.0 V= -> FALSE }T
T{ ~"a" ~"a" IDENTICAL? ~"a" ~\a V= NIL ~false V= -> TRUE FALSE FALSE }T
T{ ~[1 [2.0]] ~[1.0 [2]] V= ~[1 [2.0]] ~[1.0 [2]] IDENTICAL? -> TRUE FALSE }T
T{ ~{1 2, 3 4} ~{3 4, 1 2} IDENTICAL? ~#{1 2} ~#{2 1} IDENTICAL? -> TRUE TRUE }T
T{ ~[1 2] ~[1 2 3] V= ~[1 2] ~#{1 2} V= -> FALSE FALSE }T
T{ ~1 ~2 VCOMPARE ~2 ~1 VCOMPARE ~1 ~1 VCOMPARE -> -1 1 0 }T
T{ ~1 ~1.0 VCOMPARE ~-0.0 ~0.0 VCOMPARE -> -1 -1 }T
T{ ~[1 2] ~[1 2 0] VCOMPARE ~"b" ~"ab" VCOMPARE -> -1 1 }T
T{ ~[3 "a" 1 nil 2.5] SORTED ~[nil 1 2.5 3 "a"] IDENTICAL? -> TRUE }T
T{ ~1 VHASH ~1.0 VHASH = ~[1] VHASH ~[1.0] VHASH = -> TRUE TRUE }T
T{ ~{1 2, 3 4} VHASH ~{3 4, 1 2} VHASH = -> TRUE }T
T{ ~1 VHASH ~2 VHASH = -> FALSE }T
T{ THROWS| V=| -> -290 }T
T{ THROWS| ~1 IDENTICAL?| -> -290 }T
T{ THROWS| VHASH| -> -290 }T

\ ---- deep, wide, and shared many times ----
: DEEP ( n -- ) ( V: -- x ) ~nil 0 ?DO 1 VECTOR LOOP ;
T{ 1000 DEEP 1000 DEEP V= 1000 DEEP VHASH 1000 DEEP VHASH = -> TRUE TRUE }T
T{ 1000 DEEP 1001 DEEP V= -> FALSE }T
: SHARED ( n -- ) ( V: -- x ) ~1 0 ?DO VDUP 2 VECTOR LOOP ;
T{ 60 SHARED 60 SHARED V= 60 SHARED VHASH 60 SHARED VHASH = -> TRUE TRUE }T
: WIDE ( n -- ) ( V: -- vector ) ~[] 0 ?DO I >V PUSH LOOP ;
T{ 600 WIDE 600 WIDE V= 600 WIDE 600 WIDE ~1 PUSH VCOMPARE -> TRUE -1 }T
T{ 600 WIDE ~{} 600 WIDE ~7 PUT VSWAP GET V> -> 7 }T
T{ 500 WIDE SORTED 500 WIDE V= -> TRUE }T

\ ---- what a comparison costs depends on lengths, not on what is shared ----
: COST-OF ( xt -- n ) COST >R EXECUTE COST R> - ;
: COMPARES ( V: x1 x2 -- ) V= DROP ;
: COST-SAME ( -- n ) 600 WIDE VDUP ['] COMPARES COST-OF ;
: COST-EQUAL ( -- n ) 600 WIDE 600 WIDE ['] COMPARES COST-OF ;
: COST-JOINED ( -- n ) 600 WIDE 200 WIDE 600 WIDE 200 600 SLICE CONCAT ['] COMPARES COST-OF ;
T{ COST-SAME COST-EQUAL = COST-SAME COST-JOINED = -> TRUE TRUE }T
T{ VDEPTH -> 0 }T
