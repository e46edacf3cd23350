\ The value stack, and values that come from cells and give them back.
SUITE values/scalars

\ ---- moving values about ----
T{ 1 >V V> -> 1 }T
T{ 1 >V 2 >V VSWAP V> V> -> 1 2 }T
T{ 1 >V VDUP V> V> -> 1 1 }T
T{ 1 >V 2 >V VDROP V> -> 1 }T
T{ 1 >V 2 >V VOVER V> V> V> -> 1 2 1 }T
T{ 1 >V 2 >V VNIP V> -> 2 }T
T{ 1 >V 2 >V VTUCK V> V> V> -> 2 1 2 }T
T{ 1 >V 2 >V 3 >V VROT V> V> V> -> 1 3 2 }T
T{ VDEPTH 1 >V VDEPTH VDROP -> 0 1 }T
T{ 1 >V 2 >V 1 VPICK V> V> V> -> 1 2 1 }T
T{ THROWS| VDUP| -> -290 }T
T{ THROWS| VDROP| -> -290 }T
T{ THROWS| ~1 VSWAP| -> -290 }T
T{ THROWS| ~1 1 VPICK| -> -290 }T
T{ THROWS| V>| -> -290 }T

\ ---- cells ----
T{ MAX-INT >V V> -> MAX-INT }T
T{ MIN-INT >V V> -> MIN-INT }T
T{ TRUE >BOOLEAN BOOLEAN> FALSE >BOOLEAN BOOLEAN> 5 >BOOLEAN BOOLEAN> -> TRUE FALSE TRUE }T
T{ 65 >CHARACTER CHARACTER> 128512 >CHARACTER CHARACTER> -> 65 128512 }T
T{ THROWS| -1 >CHARACTER| -> -24 }T
T{ THROWS| 55296 >CHARACTER| -> -24 }T
T{ THROWS| 1114112 >CHARACTER| -> -24 }T
T{ ~1.0 V>F F>BITS -> $3FF0000000000000 }T
T{ 2E F>V ~2.0 IDENTICAL? -> TRUE }T
T{ 0E 0E F/ F>V V>F F>BITS -> $7FF8000000000000 }T
T{ 1E 0E F/ F>V ~##Inf IDENTICAL? -> TRUE }T
T{ -0E F>V ~-0.0 IDENTICAL? -> TRUE }T
T{ ~1e-300 V>F FDEPTH FDROP -> 1 }T
T{ ~3 INTEGER>FLOAT ~3.0 IDENTICAL? -> TRUE }T
T{ ~9007199254740993 INTEGER>FLOAT ~9007199254740992.0 IDENTICAL? -> TRUE }T
T{ ~-1 INTEGER>FLOAT ~-1.0 IDENTICAL? -> TRUE }T
T{ 3 >CAPABILITY CAPABILITY> -> 3 }T
T{ THROWS| -1 >CAPABILITY| -> -24 }T
T{ THROWS| NIL V>| -> -291 }T
T{ THROWS| ~1.0 V>| -> -291 }T
T{ THROWS| ~1 BOOLEAN>| -> -291 }T
T{ THROWS| ~1 CHARACTER>| -> -291 }T
T{ THROWS| ~1 V>F| -> -291 }T
T{ THROWS| V>F| -> -290 }T
T{ THROWS| F>V| -> -45 }T
T{ THROWS| ~1.0 INTEGER>FLOAT| -> -291 }T
T{ THROWS| ~1 CAPABILITY>| -> -291 }T

\ ---- kinds ----
T{ NIL KIND ~true KIND ~1 KIND ~1.0 KIND ~\a KIND ~"" KIND -> 0 1 2 3 4 5 }T
T{ ~#stele/bytes "" KIND ~#stele/capability 1 KIND ~[] KIND -> 6 8 10 }T
T{ ~#stele/record [1] KIND ~#{} KIND ~{} KIND -> 11 12 13 }T
T{ NIL NIL? ~0 NIL? ~false BOOLEAN? ~0 BOOLEAN? -> TRUE FALSE TRUE FALSE }T
T{ ~1 INTEGER? ~1.0 INTEGER? ~1.0 FLOAT? ~1 FLOAT? -> TRUE FALSE TRUE FALSE }T
T{ ~\a CHARACTER? ~"a" CHARACTER? ~"a" TEXT? ~\a TEXT? -> TRUE FALSE TRUE FALSE }T
T{ ~#stele/bytes "" BYTES? ~"" BYTES? ~[] VECTOR? ~#{} VECTOR? -> TRUE FALSE TRUE FALSE }T
T{ ~#{} SET? ~{} SET? ~{} MAP? ~#{} MAP? -> TRUE FALSE TRUE FALSE }T
T{ ~#stele/record [1] RECORD? ~[] RECORD? -> TRUE FALSE }T
T{ ~#stele/capability 1 CAPABILITY? ~1 CAPABILITY? -> TRUE FALSE }T

\ ---- text and bytes ----
CREATE SPACE-FOR-TEXT 32 ALLOT
T{ S" grün" >TEXT SIZE -> 5 }T
T{ S" grün" >TEXT ~"grün" IDENTICAL? -> TRUE }T
T{ S" ab" >BYTES ~#stele/bytes "6162" IDENTICAL? -> TRUE }T
T{ 0 0 >TEXT SIZE 0 0 >BYTES SIZE -> 0 0 }T
T{ ~"hello" SPACE-FOR-TEXT 32 CONTENTS> SPACE-FOR-TEXT C@ -> 5 104 }T
T{ ~"hello" SPACE-FOR-TEXT 2 CONTENTS> SPACE-FOR-TEXT 1+ C@ -> 5 101 }T
T{ 0 SPACE-FOR-TEXT C! ~"ü" SPACE-FOR-TEXT 1 CONTENTS> SPACE-FOR-TEXT C@ -> 2 0 }T
T{ ~#stele/bytes "0102" SPACE-FOR-TEXT 32 CONTENTS> SPACE-FOR-TEXT 1+ C@ -> 2 2 }T
T{ ~"one" ~"two" CONCAT ~"onetwo" V= -> TRUE }T
T{ ~#stele/bytes "01" ~#stele/bytes "02" CONCAT ~#stele/bytes "0102" V= -> TRUE }T
T{ ~"hello" 1 3 SLICE ~"el" V= -> TRUE }T
T{ ~#stele/bytes "010203" 1 2 SLICE ~#stele/bytes "02" V= -> TRUE }T
T{ ~#stele/bytes "01ff" 1 NTH V> -> 255 }T
\ out |plain "text"|
OUT{ ~"plain \"text\"" VTYPE }OUT
T{ THROWS| SPACE-FOR-TEXT 1 2DUP 255 FILL >TEXT| -> -260 }T
T{ THROWS| 0 1 >TEXT| -> -9 }T
T{ THROWS| ~"ü" 0 1 SLICE| -> -292 }T
T{ THROWS| ~"abc" 2 1 SLICE| -> -292 }T
T{ THROWS| ~"abc" 0 4 SLICE| -> -292 }T
T{ THROWS| ~"abc" -1 2 SLICE| -> -292 }T
T{ THROWS| ~"abc" ~#stele/bytes "00" CONCAT| -> -291 }T
T{ THROWS| ~1 ~"abc" CONCAT| -> -291 }T
T{ THROWS| ~#stele/bytes "00" 1 NTH| -> -292 }T
T{ THROWS| ~"abc" 0 NTH| -> -291 }T
T{ THROWS| ~1 VTYPE| -> -291 }T
T{ THROWS| ~1 SPACE-FOR-TEXT 8 CONTENTS>| -> -291 }T
T{ VDEPTH -> 0 }T
