\ ENVIRONMENT?: what the system says of itself, against what it does (3.2.6, table 3.5).
SUITE core/environment

: QUERY-1 ( c-addr u -- x flag ) ENVIRONMENT? IF -1 ELSE 0 0 THEN ;
: QUERY-2 ( c-addr u -- x1 x2 flag ) ENVIRONMENT? IF -1 ELSE 0 0 0 THEN ;

\ clause 6.1.1345 ENVIRONMENT?
: ASK-UNKNOWN S" NO-SUCH-QUERY" ENVIRONMENT? ;
T{ ASK-UNKNOWN -> 0 }T
: ASK-EMPTY S" " ENVIRONMENT? ;
T{ ASK-EMPTY -> 0 }T
: ASK-CELL S" ADDRESS-UNIT-BITS" QUERY-1 ;
T{ ASK-CELL -> 8 -1 }T
: ASK-MAX-CHAR S" MAX-CHAR" QUERY-1 ;
T{ ASK-MAX-CHAR -> 255 -1 }T
: ASK-MAX-N S" MAX-N" QUERY-1 ;
T{ ASK-MAX-N -> MAX-INT -1 }T
: ASK-MAX-U S" MAX-U" QUERY-1 ;
T{ ASK-MAX-U -> MAX-UINT -1 }T
: ASK-MAX-D S" MAX-D" QUERY-2 ;
T{ ASK-MAX-D -> MAX-UINT MAX-INT -1 }T
: ASK-MAX-UD S" MAX-UD" QUERY-2 ;
T{ ASK-MAX-UD -> MAX-UINT MAX-UINT -1 }T
: ASK-COUNTED S" /COUNTED-STRING" QUERY-1 ;
T{ ASK-COUNTED SWAP 255 = -> -1 -1 }T
: ASK-HOLD S" /HOLD" QUERY-1 ;
T{ ASK-HOLD SWAP 130 < -> -1 0 }T
: ASK-PAD S" /PAD" QUERY-1 ;
T{ ASK-PAD SWAP 84 < -> -1 0 }T
: ASK-RETURN S" RETURN-STACK-CELLS" QUERY-1 ;
T{ ASK-RETURN SWAP 24 < -> -1 0 }T
: ASK-STACK S" STACK-CELLS" QUERY-1 ;
T{ ASK-STACK SWAP 32 < -> -1 0 }T
: ASK-FLOORED S" FLOORED" QUERY-1 ;
T{ ASK-FLOORED SWAP 0= -3 2 / -2 = 0= XOR -> -1 0 }T
\ The string is no longer needed after the question, and asking twice answers twice.
T{ ASK-MAX-N ASK-MAX-N -> MAX-INT -1 MAX-INT -1 }T
\ What is promised is there.
: HOLD-MANY ( u -- u ) <# 0 DO [CHAR] - HOLD LOOP 0 0 #> SWAP DROP ;
T{ ASK-HOLD DROP DUP HOLD-MANY = -> -1 }T
