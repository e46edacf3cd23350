( Recursion: calls, returns and little else. Each call of FIB adds one of the two before it. )

: FIB ( n -- u )
   DUP 2 < IF EXIT THEN
   DUP 1- RECURSE
   SWAP 2 - RECURSE + ;

38 FIB . CR
BYE
