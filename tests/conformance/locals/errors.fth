\ LOCALS: what is refused, with the codes thrown; some texts have a | in them and so are not given to THROWS|.
SUITE locals/errors

: REFUSED ( c-addr u -- n ) ['] EVALUATE CATCH POSTPONE [ DUP IF NIP NIP THEN ;

\ clause 13.6.2.2550 {:
T{ THROWS| {: A :}| -> -14 }T
T{ THROWS| : ERR-L {: A| -> -16 }T
T{ THROWS| : ERR-L {:| -> -16 }T
T{ S" : ERR-L {: A | B" REFUSED -> -16 }T
T{ THROWS| : ERR-L {: A -- B| -> -16 }T
T{ S" : ERR-L {: A | B | C :} ;" REFUSED -> -32 }T
T{ THROWS| : ERR-L {: A :} {: B :} ;| -> -321 }T
\ Too little on the stack.
: ERR-L2 {: A B C :} A ;
T{ THROWS| ERR-L2| -> -4 }T
T{ THROWS| 1 2 ERR-L2| -> -4 }T
\ The return stack has to be as the definition found it.
T{ THROWS| : ERR-L 1 >R {: A :} R> ;| -> -321 }T
T{ THROWS| : ERR-L 1 >R {: A :} R> DROP A ;| -> -321 }T
T{ THROWS| : ERR-L 3 0 DO {: A :} A LOOP ;| -> -25 }T
\ Within a control structure they would be there on one path only.
T{ THROWS| : ERR-L IF {: A :} A THEN ;| -> -25 }T
T{ THROWS| : ERR-L BEGIN {: A :} A UNTIL ;| -> -25 }T
\ A way out with something above the locals, or with the locals gone.
T{ THROWS| : ERR-L {: A :} 1 >R ;| -> -25 }T
T{ THROWS| : ERR-L {: A :} 1 >R EXIT ;| -> -25 }T
T{ THROWS| : ERR-L {: A :} R> ;| -> -25 }T
T{ THROWS| : ERR-L {: A :} R> DROP A ;| -> -25 }T
T{ THROWS| : ERR-L {: A :} 3 0 DO EXIT LOOP ;| -> -25 }T
T{ THROWS| : ERR-L {: A :} UNLOOP ;| -> -26 }T
T{ THROWS| : ERR-L {: A :} LEAVE ;| -> -26 }T
\ More than there may be: 64 and one.
: ERR-NAME ( n -- c-addr u ) S>D <# #S [CHAR] L HOLD #> ;
: ERR-DECLARE ( n -- ) 0 ?DO I ERR-NAME (LOCAL) LOOP 0 0 (LOCAL) ;
: ERR-64 64 ERR-DECLARE ; IMMEDIATE
: ERR-65 65 ERR-DECLARE ; IMMEDIATE
: ERR-MOST ERR-64 L0 L63 L63 TO L0 L0 ;
: ERR-PUSH ( -- 0 … 63 ) 64 0 DO I LOOP ;
T{ ERR-PUSH ERR-MOST -> 63 0 0 }T
T{ THROWS| : ERR-L ERR-65 ;| -> -320 }T
\ A name longer than a name may be.
: ERR-LONG ( u -- c-addr u )
   S" : ERR-L {: " PAD SWAP MOVE PAD 11 + OVER [CHAR] x FILL
   S"  :} ;" 2 PICK PAD 11 + + SWAP MOVE PAD SWAP 16 + ;
T{ 255 ERR-LONG REFUSED 256 ERR-LONG REFUSED -> 0 -19 }T

\ clause 13.6.2.1795 LOCALS|
T{ S" LOCALS| A |" REFUSED -> -14 }T
T{ S" : ERR-L LOCALS| A" REFUSED -> -16 }T
T{ S" : ERR-L LOCALS|" REFUSED -> -16 }T
T{ S" : ERR-L LOCALS| A | LOCALS| B | ;" REFUSED -> -321 }T
T{ S" : ERR-L LOCALS| A B | A ; ERR-L" REFUSED -> -4 }T
T{ S" : ERR-L >R LOCALS| A | R> ;" REFUSED -> -321 }T

\ clause 13.6.1.0086 (LOCAL)
T{ THROWS| 0 0 (LOCAL)| -> -14 }T
: ERR-LOCAL S" A" (LOCAL) ;
T{ THROWS| ERR-LOCAL| -> -29 }T
: ERR-END 0 0 (LOCAL) ;
T{ THROWS| ERR-END| -> -29 }T
: ERR-BEYOND 0 1 (LOCAL) ; IMMEDIATE
T{ THROWS| : ERR-L ERR-BEYOND ;| -> -9 }T

\ clause 13.6.1.2295 TO
T{ THROWS| : ERR-L {: A :} 1 TO | -> -16 }T
T{ THROWS| : ERR-L {: A :} 1 TO ERR-NOTHING ;| -> -13 }T
T{ THROWS| : ERR-L {: A :} TO A ; ERR-L| -> -4 }T
T{ THROWS| 1 TO A| -> -13 }T

\ A local has no token (13.3.3.2 e, h).
\ clause 6.1.2510 [']
T{ THROWS| : ERR-L {: A :} ['] A ;| -> -32 }T
\ clause 6.1.2033 POSTPONE
T{ THROWS| : ERR-L {: A :} POSTPONE A ;| -> -32 }T
\ clause 6.2.2530 [COMPILE]
T{ THROWS| : ERR-L {: A :} [COMPILE] A ;| -> -32 }T
\ clause 6.2.1725 IS
T{ THROWS| : ERR-L {: A :} IS A ;| -> -32 }T
\ Names are gone after an error, and after the definition.
T{ THROWS| : ERR-L {: ERR-GONE :} ERR-NOTHING ;| -> -13 }T
T{ THROWS| : ERR-L ERR-GONE ;| -> -13 }T
T{ THROWS| : ERR-L {: ERR-GONE :} ; ERR-GONE| -> -13 }T
T{ THROWS| : ERR-L {: ERR-GONE :} DOES> ERR-GONE ;| -> -13 }T
