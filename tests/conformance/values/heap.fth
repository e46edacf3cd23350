\ Collecting on demand, and reports of the heap: what they print differs from host to host, so only
\ that they leave everything as it was is looked at.
SUITE values/heap

T{ ~[1 2 3] GC SIZE -> 3 }T
T{ GC GC VDEPTH -> 0 }T
: GARBAGE ( n -- ) 0 ?DO ~[] I >V PUSH VDROP LOOP ;
T{ ~"kept" 5000 GARBAGE GC ~"kept" V= -> TRUE }T
: KEPT-CONSTANT ~[1 "two" {3 4}] ;
T{ GC KEPT-CONSTANT ~[1 "two" {3 4}] V= -> TRUE }T
T{ VDEPTH -> 0 }T
