\ Value literals: the text form after a tilde, interpreted and compiled, and the text form back.
SUITE values/literals

\ ---- every kind, printed as it was written ----
\ out |nil true false |
OUT{ ~nil V. ~true V. ~false V. }OUT
\ out |0 42 -7 9223372036854775807 -9223372036854775808 |
OUT{ ~0 V. ~42 V. ~-7 V. ~9223372036854775807 V. ~-9223372036854775808 V. }OUT
\ out |1.5 -0.0 1e300 ##NaN ##Inf ##-Inf |
OUT{ ~1.5 V. ~-0.0 V. ~1e300 V. ~##NaN V. ~##Inf V. ~##-Inf V. }OUT
\ out |\a \space \newline \é |
OUT{ ~\a V. ~\space V. ~\newline V. ~\é V. }OUT
\ out |"" "a b" "quote \" back \\ line \n end" |
OUT{ ~"" V. ~"a b" V. ~"quote \" back \\ line \n end" V. }OUT
\ out |#stele/bytes "00ff" #stele/bytes "" |
OUT{ ~#stele/bytes "00ff" V. ~#stele/bytes "" V. }OUT
\ out |[] [1 2 3] [1 [2 [3]]] |
OUT{ ~[] V. ~[1 2 3] V. ~[1 [2 [3]]] V. }OUT
\ out |{} {1 2} #{} #{7} |
OUT{ ~{} V. ~{1 2} V. ~#{} V. ~#{7} V. }OUT
\ out |#stele/record [5 "a" nil] #stele/capability 3 |
OUT{ ~#stele/record [5 "a" nil] V. ~#stele/capability 3 V. }OUT

\ ---- where a literal ends ----
T{ ~1 ~2 V> V> -> 2 1 }T
T{ ~[1 , 2 , , 3] SIZE 5 -> 3 5 }T
T{ ~"a b c" SIZE -> 5 }T
T{ ~{ 1 2 } SIZE ~#{ 1 2 3 } SIZE -> 1 3 }T

\ ---- in definitions ----
: TEN ~10 ;
T{ TEN V> TEN V> -> 10 10 }T
: MANY ~[1 2 3] SIZE ~{"a" 1} SIZE ~"four" SIZE ;
T{ MANY -> 3 1 4 }T
: EITHER ( flag -- ) IF ~"yes" ELSE ~"no" THEN ;
\ out |"yes" "no" |
OUT{ TRUE EITHER V. FALSE EITHER V. }OUT
: LOOPED 3 0 DO ~1 LOOP ;
T{ LOOPED V> V> V> -> 1 1 1 }T
T{ : NESTED [ ~7 ] VLITERAL ; NESTED V> -> 7 }T
T{ ~[8] VCONSTANT EIGHT EIGHT 0 NTH V> -> 8 }T
: USES-EIGHT EIGHT 0 NTH V> ;
T{ USES-EIGHT -> 8 }T
T{ S" ~[1 2] SIZE" EVALUATE -> 2 }T

\ ---- what is no literal ----
T{ THROWS| ~| -> -13 }T
T{ THROWS| ~[1 2| -> -294 }T
T{ THROWS| ~"open| -> -294 }T
T{ THROWS| ~]| -> -294 }T
T{ THROWS| ~{1}| -> -294 }T
T{ THROWS| ~{1 2 1 3}| -> -294 }T
T{ THROWS| ~#{1 1.0}| -> -294 }T
T{ THROWS| ~word| -> -294 }T
T{ THROWS| ~1x| -> -294 }T
T{ THROWS| ~9223372036854775808| -> -294 }T
T{ THROWS| ~\nobody| -> -294 }T
T{ THROWS| ~"\q"| -> -294 }T
T{ THROWS| ~#other/tag 1| -> -294 }T
T{ THROWS| ~#stele/bytes "0"| -> -294 }T
T{ THROWS| : BROKEN ~[1| -> -294 }T
T{ THROWS| 99999 (VALUE)| -> -292 }T
T{ VDEPTH -> 0 }T

\ ---- reading and writing text in data space ----
CREATE TEXT-SPACE 64 ALLOT
: WRITTEN ( -- c-addr u ) ( V: x -- ) TEXT-SPACE DUP 64 WRITE-VALUE ;
: SAME-TEXT ( c-addr1 u1 c-addr2 u2 -- flag )
   ROT OVER <> IF DROP 2DROP FALSE EXIT THEN
   0 ?DO 2DUP I + C@ SWAP I + C@ <> IF 2DROP FALSE UNLOOP EXIT THEN LOOP 2DROP TRUE ;
T{ ~[1 "a" \b] WRITTEN S\" [1 \qa\q \\b]" SAME-TEXT -> TRUE }T
T{ ~{} WRITTEN NIP -> 2 }T
T{ S" [1 2 3]" READ-VALUE SIZE -> 3 }T
T{ S"  7 , " READ-VALUE V> -> 7 }T
T{ ~[1.5 nil #{1}] VDUP WRITTEN READ-VALUE V= -> TRUE }T
T{ THROWS| S" 7 8" READ-VALUE| -> -294 }T
T{ THROWS| S" " READ-VALUE| -> -294 }T
T{ ~"long enough not to fit" TEXT-SPACE 8 ' WRITE-VALUE CATCH NIP NIP VDROP -> -295 }T
T{ THROWS| 0 8 READ-VALUE| -> -9 }T
T{ THROWS| ~1 0 8 WRITE-VALUE| -> -9 }T
T{ VDEPTH -> 0 }T
