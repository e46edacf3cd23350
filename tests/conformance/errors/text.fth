\ What the text interpreter refuses: unknown words and malformed numbers (-13), names that are missing (-16).
SUITE errors/text

\ clause 6.1.1360 EVALUATE
T{ THROWS| NO-SUCH-WORD-AT-ALL| -> -13 }T
T{ THROWS| 1 2 NO-SUCH-WORD-AT-ALL 3| -> -13 }T
T{ THROWS| größe| -> -13 }T
T{ THROWS| 🗿| -> -13 }T
T{ THROWS| 12X| -> -13 }T
T{ THROWS| 1-2| -> -13 }T
T{ THROWS| 1-| -> -4 }T
T{ THROWS| --1| -> -13 }T
T{ THROWS| 9A| -> -13 }T
T{ THROWS| $| -> -13 }T
T{ THROWS| $G| -> -13 }T
T{ THROWS| #FF| -> -13 }T
T{ THROWS| %12| -> -13 }T
T{ THROWS| %| -> -13 }T
T{ THROWS| $-| -> -13 }T
T{ THROWS| ''| -> -13 }T
T{ THROWS| 'AB'| -> -13 }T
T{ BASE @ THROWS| 2 BASE ! 2| SWAP BASE ! -> -13 }T
T{ BASE @ THROWS| 8 BASE ! 8| SWAP BASE ! -> -13 }T
T{ BASE @ THROWS| 16 BASE ! G| SWAP BASE ! -> -13 }T
: NESTED-ERROR S" 5 NO-SUCH-WORD-AT-ALL" EVALUATE ;
T{ THROWS| 1 NESTED-ERROR 2| -> -13 }T
: NESTED-TWICE S" 4 NESTED-ERROR" EVALUATE ;
T{ THROWS| NESTED-TWICE| -> -13 }T
\ What came before the error has been done; what comes after has not.
VARIABLE REACHED
T{ 0 REACHED ! THROWS| 1 REACHED ! NO-SUCH-WORD-AT-ALL 2 REACHED !| REACHED @ -> -13 1 }T

\ clause 6.1.0450 :
T{ THROWS| : ERR-X NO-SUCH-WORD-AT-ALL ;| -> -13 }T
T{ THROWS| : ERR-X 12X ;| -> -13 }T
T{ THROWS| : | -> -16 }T
T{ THROWS| :      | -> -16 }T

\ clause 6.1.0070 '
T{ THROWS| ' NO-SUCH-WORD-AT-ALL| -> -13 }T
T{ THROWS| ' 123| -> -13 }T
T{ THROWS| ' | -> -16 }T

\ clause 6.1.2510 [']
T{ THROWS| : ERR-X ['] NO-SUCH-WORD-AT-ALL ;| -> -13 }T
T{ THROWS| : ERR-X ['] | -> -16 }T

\ clause 6.1.2033 POSTPONE
T{ THROWS| : ERR-X POSTPONE NO-SUCH-WORD-AT-ALL ;| -> -13 }T
T{ THROWS| : ERR-X POSTPONE | -> -16 }T

\ clause 6.1.1000 CREATE
T{ THROWS| CREATE | -> -16 }T
T{ HERE THROWS| CREATE | HERE ROT - -> -16 0 }T

\ clause 6.1.2410 VARIABLE
T{ THROWS| VARIABLE | -> -16 }T

\ clause 6.1.0950 CONSTANT
T{ THROWS| 5 CONSTANT | -> -16 }T

\ ---- after an error in nested text, reading goes on where it was ----
\ clause 6.1.2216 SOURCE
T{ THROWS| NESTED-TWICE| SOURCE DROP C@ 3 -> -13 84 3 }T
\ clause 6.1.0560 >IN
T{ THROWS| NESTED-TWICE| 1 2 3 -> -13 1 2 3 }T
