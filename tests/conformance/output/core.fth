\ What the printing words of CORE print. Each line of the log that begins with out must be the comment line
\ that stands before the case here, in the same order: 4 characters "out ", then the text between two bars.

\ clause 6.1.0180 .
\ out |0 |
OUT{ 0 . }OUT
\ out |1 2 3 |
OUT{ 1 . 2 . 3 . }OUT
\ out |-1 |
OUT{ -1 . }OUT
\ out |9223372036854775807 |
OUT{ MAX-INT . }OUT
\ out |-9223372036854775808 |
OUT{ MIN-INT . }OUT
\ out |FF -80 |
OUT{ 16 BASE ! #255 . #-128 . DECIMAL }OUT
\ out |7FFFFFFFFFFFFFFF -8000000000000000 |
OUT{ MAX-INT MIN-INT 16 BASE ! SWAP . . DECIMAL }OUT
\ out |1010 -1 |
OUT{ 2 BASE ! #10 . -1 . DECIMAL }OUT
\ out |ZZ |
OUT{ 1295 36 BASE ! . DECIMAL }OUT

\ clause 6.1.2320 U.
\ out |0 18446744073709551615 |
OUT{ 0 U. -1 U. }OUT
\ out |9223372036854775808 |
OUT{ MIN-INT U. }OUT
\ out |FFFFFFFFFFFFFFFF |
OUT{ -1 16 BASE ! U. DECIMAL }OUT

\ clause 6.1.1320 EMIT
\ out |ABC|
OUT{ 65 EMIT 66 EMIT 67 EMIT }OUT
\ out | !~|
OUT{ 32 EMIT 33 EMIT 126 EMIT }OUT

\ clause 6.1.2310 TYPE
: TEXT-1 S" some text" ;
\ out |some text|
OUT{ TEXT-1 TYPE }OUT
\ out |some|
OUT{ TEXT-1 DROP 4 TYPE }OUT
\ out ||
OUT{ TEXT-1 DROP 0 TYPE }OUT
: TEXT-2 S" grün € 日本 🗿" ;
\ out |grün € 日本 🗿|
OUT{ TEXT-2 TYPE }OUT
\ out |      42|
OUT{ 42 0 <# #S #> 8 OVER - SPACES TYPE }OUT

\ clause 6.1.0990 CR
: SAYS-LINES 97 EMIT CR ." out b" ;
\ out |a
\ out b|
OUT{ SAYS-LINES }OUT

\ clause 6.1.2220 SPACE
\ out | |
OUT{ SPACE }OUT

\ clause 6.1.2230 SPACES
\ out |   |
OUT{ 3 SPACES }OUT
\ out ||
OUT{ 0 SPACES -1 SPACES MIN-INT SPACES }OUT

\ clause 6.1.0190 ."
: SAYS ." said" ;
\ out |said|
OUT{ SAYS }OUT
: SAYS-TWICE ." one " ."  two" ;
\ out |one  two|
OUT{ SAYS-TWICE }OUT
: SAYS-PAREN ." (x) \ y" ;
\ out |(x) \ y|
OUT{ SAYS-PAREN }OUT
: SAYS-IN-LOOP 3 0 DO ." <" I 0 <# #S #> TYPE ." >" LOOP ;
\ out |<0><1><2>|
OUT{ SAYS-IN-LOOP }OUT
: SAYS-NOTHING ." " ;
\ out ||
OUT{ SAYS-NOTHING }OUT
: SAYS-UTF-8 ." é🗿" ;
\ out |é🗿|
OUT{ SAYS-UTF-8 }OUT

\ clause 6.1.0680 ABORT"
\ A caught message is not printed.
: ABORTS ABORT" not to be seen" ;
\ out ||
OUT{ 1 ' ABORTS CATCH 2DROP }OUT
