\ LOCALS: declaring, reading and setting them, with everything the standard lets stand around them.
SUITE locals/locals

\ clause 13.6.2.2550 {:
: LOC-1 {: A :} A ;
T{ 7 LOC-1 -> 7 }T
: LOC-2 {: A B :} B A ;
T{ 1 2 LOC-2 -> 2 1 }T
: LOC-3 {: A B C :} C B A ;
T{ 1 2 3 LOC-3 -> 3 2 1 }T
T{ 0 1 2 3 LOC-3 -> 0 3 2 1 }T
\ What is not named is left alone, and what is named can be left unused.
: LOC-UNUSED {: A B :} ;
T{ 5 1 2 LOC-UNUSED -> 5 }T
: LOC-NONE {: :} 1 ;
T{ 9 LOC-NONE -> 9 1 }T
: LOC-VALUE {: A | B :} A TO B B B ;
T{ 4 LOC-VALUE -> 4 4 }T
: LOC-VALUES {: A | B C D :} A 1+ TO B B 1+ TO C C 1+ TO D A B C D ;
T{ 4 LOC-VALUES -> 4 5 6 7 }T
: LOC-ONLY-VALUES {: | A B :} 1 TO A 2 TO B A B ;
T{ LOC-ONLY-VALUES -> 1 2 }T
: LOC-OUT {: A B -- C :} A B + ;
T{ 3 4 LOC-OUT -> 7 }T
: LOC-OUT-ONLY {: -- A B C :} 1 2 3 ;
T{ LOC-OUT-ONLY -> 1 2 3 }T
: LOC-ALL {: A B | C -- D E :} A B + TO C C C ;
T{ 3 4 LOC-ALL -> 7 7 }T
\ After -- names say nothing, even those of locals or of nothing at all.
: LOC-COMMENT {: A -- A A | -- }: :} A A ;
T{ 6 LOC-COMMENT -> 6 6 }T
\ A local hides a word, in any case of letters, and only while it can be named.
: LOC-DUP {: DUP :} DUP Dup + ;
T{ 5 LOC-DUP -> 10 }T
T{ 5 DUP -> 5 5 }T
: LOC-CASE {: Total :} total TOTAL TO totaL Total ;
T{ 1 2 LOC-CASE -> 1 2 2 }T
123 CONSTANT LOC-SHADOWED
: LOC-SHADOW {: LOC-SHADOWED :} LOC-SHADOWED ;
T{ 4 LOC-SHADOW LOC-SHADOWED -> 4 123 }T
\ A number's text can be the name of a local, too.
: LOC-NUMBER {: 12 :} 12 ;
T{ 99 LOC-NUMBER 12 -> 99 12 }T
\ The same name twice: the one declared last.
: LOC-TWICE {: A A :} A ;
T{ 1 2 LOC-TWICE -> 2 }T
: LOC-SIGNS {: +! !x x? :} x? !x +! ;
T{ 1 2 3 LOC-SIGNS -> 3 2 1 }T
\ Each call has locals of its own.
: LOC-FACTORIAL {: N :} N 1 > IF N 1- RECURSE N * ELSE 1 THEN ;
T{ 10 LOC-FACTORIAL -> 3628800 }T
: LOC-INNER {: A :} A 10 * TO A A ;
: LOC-OUTER {: A :} A LOC-INNER A ;
T{ 3 LOC-OUTER -> 30 3 }T
: LOC-FIBONACCI {: N :} N 2 < IF N ELSE N 1- RECURSE N 2 - RECURSE + THEN ;
T{ 15 LOC-FIBONACCI -> 610 }T

\ Sixteen locals, and as many as there may be.
: LOC-16 {: A B C D E F G H | I2 J2 K L M N O P :}
   A TO P B TO O C TO N D TO M E TO L F TO K G TO J2 H TO I2 A P I2 J2 K L M N O P ;
T{ 1 2 3 4 5 6 7 8 LOC-16 -> 1 1 8 7 6 5 4 3 2 1 }T
: LOC-16-ARGUMENTS {: A B C D E F G H I2 J2 K L M N O P :} P O N M L K J2 I2 H G F E D C B A ;
T{ 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 LOC-16-ARGUMENTS -> 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 }T
: LOC-32 {: A1 A2 A3 A4 A5 A6 A7 A8 B1 B2 B3 B4 B5 B6 B7 B8 | C1 C2 C3 C4 C5 C6 C7 C8 D1 D2 D3 D4 D5 D6 D7 D8 :}
   A1 TO D8 B8 TO C1 A1 A2 A8 B1 B8 C1 D8 ;
T{ 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 LOC-32 -> 1 2 8 9 16 16 1 }T

\ clause 13.6.2.1795 LOCALS|
: LOC-BAR-1 LOCALS| A | A A ;
T{ 5 LOC-BAR-1 -> 5 5 }T
: LOC-BAR-2 LOCALS| A B | A B ;
T{ 1 2 LOC-BAR-2 -> 2 1 }T
: LOC-BAR-3 LOCALS| A B C | A B C ;
T{ 1 2 3 LOC-BAR-3 -> 3 2 1 }T
: LOC-BAR-8 LOCALS| A B C D E F G H | A B C D E F G H ;
T{ 1 2 3 4 5 6 7 8 LOC-BAR-8 -> 8 7 6 5 4 3 2 1 }T
: LOC-BAR-TO LOCALS| A B | A B TO A TO B A B ;
T{ 1 2 LOC-BAR-TO -> 1 2 }T
: LOC-BAR-LOOP LOCALS| N | 0 N 0 ?DO I N * + LOOP ;
T{ 4 LOC-BAR-LOOP -> 24 }T
: LOC-BAR-16 LOCALS| A B C D E F G H I2 J2 K L M N O P | A H I2 P ;
T{ 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 LOC-BAR-16 -> 16 9 8 1 }T
: LOC-BAR-NONE LOCALS| | 3 ;
T{ LOC-BAR-NONE -> 3 }T

\ clause 13.6.1.0086 (LOCAL)
: LOC-DECLARE ( "name" -- ) PARSE-NAME (LOCAL) ;
: LOC-ONE ( "name" -- ) LOC-DECLARE 0 0 (LOCAL) ; IMMEDIATE
: LOC-TWO ( "name" "name" -- ) LOC-DECLARE LOC-DECLARE 0 0 (LOCAL) ; IMMEDIATE
: LOC-L1 LOC-ONE A A A ;
T{ 3 LOC-L1 -> 3 3 }T
\ The first takes what is on top.
: LOC-L2 LOC-TWO A B A B ;
T{ 1 2 LOC-L2 -> 2 1 }T
: LOC-NO-MORE 0 0 (LOCAL) ; IMMEDIATE
: LOC-L0 LOC-NO-MORE 5 ;
T{ LOC-L0 -> 5 }T
\ The address of the last message does not matter.
: LOC-LAST PARSE-NAME (LOCAL) -1 0 (LOCAL) ; IMMEDIATE
: LOC-L3 LOC-LAST A A 1+ ;
T{ 3 LOC-L3 -> 4 }T
\ Names are copied when they are told.
CREATE LOC-BUFFER 4 ALLOT
: LOC-COPIED
   [CHAR] X LOC-BUFFER C! LOC-BUFFER 1 (LOCAL) [CHAR] Y LOC-BUFFER C! LOC-BUFFER 1 (LOCAL)
   [CHAR] Z LOC-BUFFER C! 0 0 (LOCAL) ; IMMEDIATE
: LOC-L4 LOC-COPIED X Y ;
T{ 1 2 LOC-L4 -> 2 1 }T

\ clause 13.6.1.2295 TO
: LOC-TO {: A B :} B A TO B TO A A B ;
T{ 1 2 LOC-TO -> 2 1 }T
: LOC-COUNT {: N | SUM :} BEGIN N WHILE N SUM + TO SUM N 1- TO N REPEAT SUM ;
T{ 100 LOC-COUNT -> 5050 }T
5 VALUE LOC-V
: LOC-TO-BOTH {: A :} A TO LOC-V LOC-V 1+ TO A A ;
T{ 8 LOC-TO-BOTH LOC-V -> 9 8 }T
\ A local is set where a value has the same name.
: LOC-TO-HIDDEN {: LOC-V :} 3 TO LOC-V LOC-V ;
T{ 1 LOC-TO-HIDDEN LOC-V -> 3 8 }T
: LOC-TO-LOWER {: UPPER :} 4 to upper UPPER ;
T{ 0 LOC-TO-LOWER -> 4 }T

\ What stands around locals (13.3.3.1, 13.3.3.2).
\ clause 13.6.2.2550 {:
\ Control structures; EXIT from within them.
: LOC-IF {: A :} A IF A ELSE -1 THEN ;
T{ 0 LOC-IF 5 LOC-IF -> -1 5 }T
: LOC-IF-TO {: A :} A 0< IF 0 TO A ELSE A 2* TO A THEN A ;
T{ -5 LOC-IF-TO 5 LOC-IF-TO -> 0 10 }T
: LOC-EXIT {: A :} A 0= IF -1 EXIT THEN A 1 = IF -2 EXIT THEN A ;
T{ 0 LOC-EXIT 1 LOC-EXIT 2 LOC-EXIT -> -1 -2 2 }T
: LOC-EXIT-END {: A B :} A B + EXIT ;
T{ 1 2 LOC-EXIT-END -> 3 }T
: LOC-CASE {: A :} A CASE 1 OF 10 ENDOF 2 OF A 20 + ENDOF A SWAP ENDCASE A ;
T{ 1 LOC-CASE 2 LOC-CASE 3 LOC-CASE -> 10 1 22 2 3 3 }T
: LOC-BEGIN {: A :} 0 BEGIN A + A 1- TO A A 0= UNTIL A ;
T{ 4 LOC-BEGIN -> 10 0 }T
: LOC-AGAIN {: A :} BEGIN A 0= IF 77 EXIT THEN A 1- TO A AGAIN ;
T{ 9 LOC-AGAIN -> 77 }T
\ Counted loops: limits, bodies, LEAVE, UNLOOP EXIT.
: LOC-DO {: N S :} 0 N 0 ?DO I S * + S +LOOP N S ;
T{ 7 2 LOC-DO -> 24 7 2 }T
: LOC-NESTED {: N | SUM :} N 0 DO N 0 DO SUM I J * + TO SUM LOOP LOOP SUM ;
T{ 4 LOC-NESTED -> 36 }T
: LOC-LEAVE {: N | R :} 100 0 DO I N = IF I TO R LEAVE THEN LOOP R N ;
T{ 7 LOC-LEAVE -> 7 7 }T
: LOC-UNLOOP {: N :} 100 0 DO I N = IF UNLOOP N 1000 + EXIT THEN LOOP -1 ;
T{ 7 LOC-UNLOOP 200 LOC-UNLOOP -> 1007 -1 }T
: LOC-UNLOOP-2 {: N :} 9 0 DO 9 0 DO I J + N = IF I J UNLOOP UNLOOP N EXIT THEN LOOP LOOP -1 ;
T{ 10 LOC-UNLOOP-2 17 LOC-UNLOOP-2 -> 8 2 10 -1 }T
: LOC-QDO {: N :} N N ?DO 1 LOOP N ;
T{ 5 LOC-QDO -> 5 }T
\ Data on the return stack after the declaration; also while it is there, which the standard leaves open.
: LOC-R {: A B :} A >R B >R R> R> + A B ;
T{ 1 2 LOC-R -> 3 1 2 }T
: LOC-R-ABOVE {: A B :} 5 >R A B TO A A R@ B R> ;
T{ 1 2 LOC-R-ABOVE -> 1 2 5 2 5 }T
: LOC-2R {: A :} 8 9 2>R A 2R@ 2R> A ;
T{ 1 LOC-2R -> 1 8 9 8 9 1 }T
: LOC-R-LOOP {: A :} 3 0 DO A >R A 1+ TO A R> LOOP A ;
T{ 5 LOC-R-LOOP -> 5 6 7 8 }T
\ Exceptions end the scope as EXIT does.
: LOC-THROW {: A B :} A B 0= IF -99 THROW THEN ;
T{ 1 2 ' LOC-THROW CATCH -> 1 0 }T
: LOC-THROWN ( -- n ) 1 0 ['] LOC-THROW CATCH NIP NIP ;
T{ LOC-THROWN -> -99 }T
: LOC-GUARD {: A B :} A B ['] LOC-THROW CATCH IF 2DROP -1 ELSE DROP 1 THEN A B ;
T{ 5 0 LOC-GUARD 5 6 LOC-GUARD -> -1 5 0 1 5 6 }T
: LOC-DEEP {: A B :} A 0= IF B THROW THEN A 1- B RECURSE ;
: LOC-DEEP-CAUGHT {: A :} A 321 ['] LOC-DEEP CATCH NIP NIP A ;
T{ 50 LOC-DEEP-CAUGHT -> 321 50 }T
\ Words of unknown effect between uses.
: LOC-EXECUTE {: A XT :} A XT EXECUTE A ;
T{ 5 ' 1+ LOC-EXECUTE -> 6 5 }T
T{ 5 ' DUP LOC-EXECUTE -> 5 5 5 }T
T{ 1 5 ' DROP LOC-EXECUTE -> 1 5 }T
: LOC-QDUP {: A :} A ?DUP A ;
T{ 0 LOC-QDUP 3 LOC-QDUP -> 0 0 3 3 3 }T
: LOC-EVALUATE {: A :} S" 20 22 +" EVALUATE A ;
T{ 1 LOC-EVALUATE -> 42 1 }T
: LOC-DEPTH {: A B :} DEPTH A B ;
T{ 1 2 LOC-DEPTH ROT DEPTH - 3 + -> 1 2 0 }T
\ More than one line may stand before the declaration, so long as the return stack is as it was.
: LOC-LATE DUP * 1+ {: A :} A A ;
T{ 3 LOC-LATE -> 10 10 }T
: LOC-LATE-IF DUP IF 1+ ELSE DROP 7 THEN {: A :} A A ;
T{ 3 LOC-LATE-IF 0 LOC-LATE-IF -> 4 4 7 7 }T
: LOC-LATE-R >R 1 R> {: A B :} B A ;
T{ 5 LOC-LATE-R -> 5 1 }T
: LOC-LATE-LOOP 0 SWAP 0 ?DO I + LOOP {: A :} A A ;
T{ 5 LOC-LATE-LOOP -> 10 10 }T
\ The names end with the definition.
: LOC-A 11 ;
: LOC-ENDS {: LOC-A :} LOC-A ;
: LOC-AFTER LOC-A ;
T{ 5 LOC-ENDS LOC-AFTER -> 5 11 }T
T{ :NONAME {: A B :} B A - ; 3 10 ROT EXECUTE -> 7 }T
\ DOES>: the locals of the first part end there, and the second may have its own.
: LOC-DOES {: A B :} CREATE A , B , DOES> {: ADDRESS :} ADDRESS @ ADDRESS CELL+ @ ;
7 8 LOC-DOES LOC-D1
T{ LOC-D1 -> 7 8 }T
: LOC-DOES-2 {: A :} CREATE A , DOES> @ LOC-A ;
9 LOC-DOES-2 LOC-D2
T{ LOC-D2 -> 9 11 }T
: LOC-DOES-3 CREATE , DOES> @ {: A | B :} A 1+ TO B B A ;
4 LOC-DOES-3 LOC-D3
T{ LOC-D3 -> 5 4 }T
: LOC-DOES-EXIT {: A :} CREATE A , A 0= IF EXIT THEN DOES> @ {: B :} B 5 > IF B EXIT THEN -1 ;
6 LOC-DOES-EXIT LOC-D4  4 LOC-DOES-EXIT LOC-D5
T{ LOC-D4 LOC-D5 -> 6 -1 }T
\ [ and ] between.
: LOC-BRACKETS {: A :} [ 2 3 + ] LITERAL A * ;
T{ 4 LOC-BRACKETS -> 20 }T
\ Strings, values on the value stack, and constants beside them.
: LOC-SUMS {: A B C D :} A B + C D + * A C * - ;
T{ 1 2 3 4 LOC-SUMS -> 18 }T
\ A word made of many uses.
: LOC-POLY {: X A B C :} A X * B + X * C + ;
T{ 2 3 4 5 LOC-POLY -> 25 }T

\ clause 6.1.1345 ENVIRONMENT?
T{ S" LOCALS" ENVIRONMENT? -> TRUE TRUE }T
T{ S" LOCALS-EXT" ENVIRONMENT? -> TRUE TRUE }T
T{ S" #LOCALS" ENVIRONMENT? -> 64 TRUE }T
\ A list of names may go on over lines; what stands behind -- too.
: LOC-LINES {: A
   B | C

   D -- E
   F :} A B - TO C C 2* TO D C D ;
T{ 7 4 LOC-LINES -> 3 6 }T
: LOC-COMMENT ( n1 n2 -- n ) {:
   A
   B :} A B + ;
T{ 1 2 LOC-COMMENT -> 3 }T
