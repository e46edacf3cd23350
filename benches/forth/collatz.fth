( The longest Collatz sequence that begins below a limit: a loop without memory, whose branches are hard to predict. )

500000 CONSTANT LIMIT

: FOLLOWING ( u -- u ) DUP 1 AND IF 3 * 1+ ELSE 2/ THEN ;

: LENGTH ( u -- n )
   1 SWAP BEGIN DUP 1 > WHILE FOLLOWING SWAP 1+ SWAP REPEAT DROP ;

: LONGEST ( -- u n )
   1 1 LIMIT 1 DO
      I LENGTH 2DUP < IF NIP NIP I SWAP ELSE DROP THEN
   LOOP ;

LONGEST . . CR
BYE
