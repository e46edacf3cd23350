\ Vectors, maps, sets, records: making them, access, change, going through them.
SUITE values/collections

\ ---- vectors ----
T{ ~[] SIZE ~[1 2 3] SIZE -> 0 3 }T
T{ ~[1 2] ~3 PUSH ~[1 2 3] V= -> TRUE }T
T{ ~[1 2 3] POP V> SIZE -> 3 2 }T
T{ ~[5 6 7] 1 NTH V> -> 6 }T
T{ ~[5 6 7] ~9 1 PUT-NTH ~[5 9 7] V= -> TRUE }T
T{ ~[1 2 3 4] 1 3 SLICE ~[2 3] V= -> TRUE }T
T{ ~[1 2 3] 3 3 SLICE ~[] V= -> TRUE }T
T{ ~[1] ~[2 3] CONCAT ~[1 2 3] V= -> TRUE }T
T{ ~1 ~2 ~3 3 VECTOR ~[1 2 3] V= -> TRUE }T
T{ ~1 0 VECTOR SIZE V> -> 0 1 }T
T{ ~1 ~2 ~3 1 VECTOR SIZE V> V> -> 1 2 1 }T
T{ ~[1 2] VDUP ~3 PUSH SIZE SIZE -> 3 2 }T
T{ ~[5 6] ~1 GET V> -> 6 }T
T{ ~[5 6] ~0 ~9 PUT ~[9 6] V= -> TRUE }T
T{ ~[5 6] ~1 HAS? ~[5 6] ~2 HAS? ~[5] ~"x" HAS? -> TRUE FALSE FALSE }T
T{ ~[5] ~7 ~"none" GET-OR TEXT? -> TRUE }T
: COUNTED ( n -- ) ( V: -- vector ) ~[] 0 ?DO I >V PUSH LOOP ;
T{ 1000 COUNTED VDUP SIZE 999 NTH V> -> 1000 999 }T
T{ 100 COUNTED 100 COUNTED CONCAT 50 150 SLICE VDUP SIZE 99 NTH V> -> 100 49 }T
: STACKED ( n -- ) ( V: -- … ) 0 ?DO I >V LOOP ;
T{ 1100 STACKED 1100 VECTOR 1100 COUNTED V= -> TRUE }T

T{ THROWS| ~[1 2 3] 7 NTH| -> -292 }T
T{ THROWS| ~[1 2 3] -1 NTH| -> -292 }T
T{ THROWS| ~[1] ~2 1 PUT-NTH| -> -292 }T
T{ THROWS| ~[] POP| -> -292 }T
T{ THROWS| ~5 ~6 PUSH| -> -291 }T
T{ THROWS| ~{} POP| -> -291 }T
T{ THROWS| ~5 0 NTH| -> -291 }T
T{ THROWS| ~5 ~6 0 PUT-NTH| -> -291 }T
T{ THROWS| ~5 SIZE| -> -291 }T
T{ THROWS| ~[1] 0 2 SLICE| -> -292 }T
T{ THROWS| ~{} 0 0 SLICE| -> -291 }T
T{ THROWS| ~[] ~{} CONCAT| -> -291 }T
T{ THROWS| ~1 2 VECTOR| -> -290 }T
T{ THROWS| -1 VECTOR| -> -24 }T
T{ THROWS| ~[1] ~2 GET| -> -292 }T
T{ THROWS| ~[1] ~"a" GET| -> -291 }T
T{ THROWS| ~[1] ~1 ~2 PUT| -> -292 }T
T{ THROWS| ~[1] ~"a" ~2 PUT| -> -291 }T
T{ VDEPTH -> 0 }T

\ ---- maps ----
T{ ~{} SIZE ~{1 2, "a" 3} SIZE -> 0 2 }T
T{ ~{"a" 1} ~"b" ~2 PUT ~{"b" 2, "a" 1} V= -> TRUE }T
T{ ~{"a" 1} ~"a" ~2 PUT ~{"a" 2} V= -> TRUE }T
T{ ~{"a" 1} ~"a" GET V> -> 1 }T
T{ ~{1 "one"} ~1.0 GET TEXT? -> TRUE }T
T{ ~{[1 2] 3} ~[1 2] GET V> -> 3 }T
T{ ~{nil 4} NIL GET V> -> 4 }T
T{ ~{"a" 1} ~"a" HAS? ~{"a" 1} ~"b" HAS? -> TRUE FALSE }T
T{ ~{"a" 1} ~"b" ~7 GET-OR V> ~{"a" 1} ~"a" ~7 GET-OR V> -> 7 1 }T
T{ ~{"a" 1, "b" 2} ~"a" REMOVE ~{"b" 2} V= -> TRUE }T
T{ ~{"a" 1} ~"b" REMOVE ~{"a" 1} V= -> TRUE }T
T{ ~{1 10, 2 20} KEYS SORTED ~[1 2] V= -> TRUE }T
T{ ~{1 10, 2 20} VALS SORTED ~[10 20] V= -> TRUE }T
T{ ~{1 10} ROW ~[[1 10]] V= -> TRUE }T
: SQUARES ( n -- ) ( V: -- map ) ~{} 0 ?DO I >V I DUP * >V PUT LOOP ;
T{ 300 SQUARES VDUP SIZE ~30 GET V> -> 300 900 }T
T{ 300 SQUARES KEYS SORTED 300 COUNTED V= -> TRUE }T
T{ 300 SQUARES VALS SIZE -> 300 }T
T{ 300 SQUARES ROW SIZE -> 300 }T
T{ THROWS| ~{"a" 1} ~"b" GET| -> -293 }T
T{ THROWS| ~5 ~"b" GET| -> -291 }T
T{ THROWS| ~5 ~1 ~2 GET-OR| -> -291 }T
T{ THROWS| ~5 ~1 HAS?| -> -291 }T
T{ THROWS| ~#{} ~1 ~2 PUT| -> -291 }T
T{ THROWS| ~[] ~1 REMOVE| -> -291 }T
T{ THROWS| ~[] KEYS| -> -291 }T
T{ THROWS| ~#{} VALS| -> -291 }T
T{ THROWS| ~5 ROW| -> -291 }T
T{ THROWS| ~5 SORTED| -> -291 }T
T{ VDEPTH -> 0 }T

\ ---- sets ----
T{ ~#{1 2} ~3 INSERT ~#{3 2 1} V= -> TRUE }T
T{ ~#{1 2} ~2 INSERT SIZE -> 2 }T
T{ ~#{1 2} ~2 REMOVE ~#{1} V= -> TRUE }T
T{ ~#{1 2} ~2 HAS? ~#{1 2} ~3 HAS? -> TRUE FALSE }T
T{ ~#{1 2} ~2.0 GET V> -> 2 }T
T{ ~#{[1] [2]} ~[2] HAS? -> TRUE }T
T{ ~#{3 1 2} SORTED ~[1 2 3] V= -> TRUE }T
T{ ~#{3 1 2} KEYS SIZE -> 3 }T
T{ THROWS| ~{} ~1 INSERT| -> -291 }T
T{ THROWS| ~#{1} ~2 GET| -> -293 }T

\ ---- records ----
T{ ~1 ~"b" 7 2 RECORD VDUP RECORD-TYPE 1 NTH SIZE -> 7 1 }T
T{ ~1 ~2 7 2 RECORD ~#stele/record [7 1 2] V= -> TRUE }T
T{ ~#stele/record [7 1 2] ~9 0 PUT-NTH ~#stele/record [7 9 2] V= -> TRUE }T
T{ ~#stele/record [7 1 2] SIZE ~#stele/record [7] SIZE -> 2 0 }T
T{ THROWS| ~1 7 2 RECORD| -> -290 }T
T{ THROWS| 65536 0 RECORD| -> -24 }T
T{ THROWS| 1 65 RECORD| -> -24 }T
T{ THROWS| ~[] RECORD-TYPE| -> -291 }T
T{ THROWS| ~#stele/record [7 1] 1 NTH| -> -292 }T
T{ VDEPTH -> 0 }T

\ ---- going through ----
: ADDS ( n1 -- n2 ) ( V: x -- ) V> + ;
T{ 0 ~[1 2 3] ' ADDS EACH -> 6 }T
T{ 0 ~#{1 2 3} ' ADDS EACH -> 6 }T
T{ 0 ~#stele/bytes "0102ff" ' ADDS EACH -> 258 }T
T{ 5 ~[] ' ADDS EACH -> 5 }T
: ADDS-ENTRY ( n1 -- n2 ) ( V: entry -- ) VDUP 0 NTH V> + 1 NTH V> + ;
T{ 0 ~{1 10, 2 20} ' ADDS-ENTRY EACH -> 33 }T
: VADD ( V: x1 x2 -- x3 ) V> V> + >V ;
T{ ~[1 2 3] ~100 ' VADD FOLD V> -> 106 }T
: DOUBLED ( V: x1 -- x2 ) V> 2* >V ;
T{ ~[1 2 3] ' DOUBLED COLLECT ~[2 4 6] V= -> TRUE }T
: ODD? ( -- flag ) ( V: x -- ) V> 1 AND NEGATE ;
T{ ~[1 2 3] ' ODD? SELECT ~[1 3] V= -> TRUE }T
T{ ~"aü" ROW ~[\a \ü] V= -> TRUE }T
: SUMS ( n1 -- n2 ) ( V: vector -- ) ['] ADDS EACH ;
T{ 0 ~[[1 2] [3] []] ' SUMS EACH -> 6 }T
: THROWS-AT-TWO ( V: x -- ) V> 2 = IF 77 THROW THEN ;
T{ THROWS| ~[1 2 3] ' THROWS-AT-TWO EACH| -> 77 }T
T{ THROWS| ~5 ' ADDS EACH| -> -291 }T
T{ VDEPTH -> 0 }T
