( Sieve of Eratosthenes over bytes, many times: counted loops and byte memory. )

100000 CONSTANT SIZE
CREATE FLAGS SIZE ALLOT

: STRIKE ( prime -- )
   DUP DUP * DUP SIZE < IF
      SIZE SWAP DO 0 FLAGS I + C! DUP +LOOP
   ELSE DROP THEN DROP ;

: PRIMES ( -- n )
   FLAGS SIZE 1 FILL
   0 SIZE 2 DO
      FLAGS I + C@ IF 1+ I STRIKE THEN
   LOOP ;

: SIEVE ( n -- sum )
   0 SWAP 0 DO PRIMES + LOOP ;

400 SIEVE . CR
BYE
