\ The self-test: what every start of an instance checks before it interprets anything else.
\
\ A check is a line of Forth that leaves true. It is interpreted as a line of a program is, so each
\ goes through names, numbers, compiler, verifier and interpreter. What fails is said at once; how
\ many passed is said with the banner. Dictionary and data space are as before when it is over; what
\ is left of it is its cost, and that numbers of functions and atoms were given.

USER (T-PASSED)    \ checks that passed
USER (T-FAILED)    \ checks that failed

100000 CONSTANT (T-BUDGET)    \ cost units that a check may use

\ Throws unless the line leaves true and nothing else, at a price.
: (PROVE) ( c-addr u -- )
  (T-BUDGET) (budget!)
  DEPTH 1- >R EVALUATE DEPTH R> <> IF -1 THROW THEN -1 <> IF -1 THROW THEN ;
\ That somebody interrupts is no failure: the check is made again.
: (TRUE?) ( c-addr u -- flag )
  BEGIN 2DUP ['] (PROVE) (CATCH) 0 (budget!) DUP -28 = WHILE DROP 2DROP REPEAT
  IF 2DROP 2DROP FALSE ELSE 2DROP TRUE THEN ;
: (CHECK) ( c-addr u -- )
  2DUP (TRUE?) IF 2DROP 1 (T-PASSED) +! EXIT THEN
  0 STATE ! (discard-definition) DECIMAL
  1 (T-FAILED) +! 1 (look) ." self-test failed: " TYPE 0 (look) CR ;

: (CHECK-NUMBERS) ( -- )
  S" 1 2 + 3 = 7 5 - 2 = AND 6 7 * 42 = AND" (CHECK)
  S" $7FFFFFFFFFFFFFFF 1+ $8000000000000000 = -1 1 U> AND -1 1 < AND" (CHECK)
  S" -7 2 / -4 = -7 2 MOD 1 = AND -7. 2 SM/REM -3 = SWAP -1 = AND AND" (CHECK)
  S" -1 -1 UM* -2 = SWAP 1 = AND -1 -2 -1 UM/MOD -1 = SWAP -2 = AND AND" (CHECK)
  S" 1000000007 998244353 1000000009 */ 998244351 =" (CHECK)
  S" -1 0 1 0 D+ 1 = SWAP 0= AND -1. DNEGATE 1. D= AND" (CHECK)
  \ Alone, as the others use it to tell that all of several things hold.
  S" 12 10 AND 8 =" (CHECK)
  S" 12 10 OR 14 = 12 10 XOR 6 = AND 0 INVERT -1 = AND" (CHECK)
  S" 1 63 LSHIFT 63 RSHIFT 1 = -8 2/ -4 = AND" (CHECK)
  S" #-10 $-A = %1010 10 = AND 'A' 65 = AND" (CHECK)
  S" 255 0 HEX <# #S #> DECIMAL 2 = SWAP C@ 'F' = AND" (CHECK) ;
: (CHECK-STACKS) ( -- )
  S" 1 2 3 ROT 1 = -ROT SWAP 2 = SWAP 3 = AND AND" (CHECK)
  S" 7 8 9 2 PICK 7 = NIP NIP SWAP 7 = AND" (CHECK)
  S" : T 1 2 2>R 3 >R R@ R> = 2R> - -1 = AND ; T" (CHECK) ;
: (CHECK-DATA) ( -- )
  S" HERE 5 , 6 C, DUP @ 5 = SWAP CELL+ C@ 6 = AND" (CHECK)
  S" HERE -1 , 5 OVER C! @ -251 =" (CHECK)
  S" VARIABLE T $123456789ABCDEF0 T ! 2 T +! T @ $123456789ABCDEF2 =" (CHECK)
  S" PAD 9 'x' FILL PAD PAD 9 + 9 MOVE PAD 9 PAD 9 + OVER COMPARE 0= PAD 18 ERASE" (CHECK) ;
: (CHECK-CODE) ( -- )
  S" : T 0 10 0 DO I + LOOP ; T 45 =" (CHECK)
  S" : T DUP 2 < IF DROP 1 ELSE DUP 1- RECURSE * THEN ; 20 T 2432902008176640000 =" (CHECK)
  S" : T CASE 1 OF 10 ENDOF 2 OF 20 ENDOF 0 SWAP ENDCASE ; 2 T 20 = 3 T 0= AND" (CHECK)
  S" : T BEGIN DUP 10 < WHILE 3 + REPEAT ; 1 T 10 =" (CHECK)
  S" : T CREATE , DOES> @ ; 7 T SEVEN SEVEN 7 =" (CHECK)
  S" DEFER T ' NEGATE IS T 5 T -5 =" (CHECK)
  S" : T 1 0 / ; ' T CATCH -10 = 0 ' @ CATCH -9 = NIP AND" (CHECK)
  S" : T 5 THROW ; : U ['] T CATCH 1+ ; U 6 =" (CHECK)
  \ A hundred steps of a shift register (Marsaglia 2003), whose end is known.
  S" : T 1 100 0 DO DUP 13 LSHIFT XOR DUP 7 RSHIFT XOR DUP 17 LSHIFT XOR LOOP ; T 10942732150954045128 =" (CHECK) ;
: (CHECK-VALUES) ( -- )
  S" ~[1 2 3] SIZE 3 = ~[1 2] ~[1 2] IDENTICAL? AND" (CHECK)
  S" ~{1 2, 3 4} ~3 GET V> 4 = ~[5 6] 1 NTH V> 6 = AND" (CHECK)
  S" ~1 ATOM VDUP ~5 VSWAP STORE FETCH V> 5 =" (CHECK)
  S" ~{1 [2.5 nil], true #{\a}} VHASH 3204783715114371365 =" (CHECK) ;
: (SELF-TEST) ( -- )
  (mark)
  (CHECK-NUMBERS) (CHECK-STACKS) (CHECK-DATA) (CHECK-CODE) (CHECK-VALUES)
  (restore) ;
: (SELF-TEST.) ( -- )
  ." self-test: " (T-PASSED) @ (PLAIN) ."  passed, "
  (T-FAILED) @ DUP IF 1 (look) (PLAIN) ."  failed" 0 (look) ELSE (PLAIN) ."  failed" THEN CR ;
