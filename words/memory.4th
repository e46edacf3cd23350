\ Allocated memory: the MEMORY word set.
\
\ The pieces lie in data space, above all that the dictionary can have. What is in use is written down
\ outside it, so a program that writes beyond its pieces damages their contents and no more.

: ALLOCATE ( u -- a-addr ior ) (allocate) ;
: FREE ( a-addr -- ior ) (free) ;
\ Where a piece cannot grow it is copied, which can be stopped on the way.
: RESIZE ( a-addr1 u -- a-addr2 ior )
  (resize) DUP 0> 0= IF NIP EXIT THEN
  SWAP (allocate) IF 2DROP -61 EXIT THEN
  ROT DUP >R SWAP DUP >R ROT (move) 2R> SWAP (free) DROP 0 ;
