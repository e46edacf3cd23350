( Bubble sort of an array of cells, rising: comparisons, exchanges, nested loops. )

3000 CONSTANT ITEMS
CREATE ARRAY ITEMS CELLS ALLOT

( A generator of numbers that is the same on every system. )
VARIABLE SEED
: RANDOM ( -- n ) SEED @ 25173 * 13849 + 65535 AND DUP SEED ! ;

: FILL-ARRAY ( -- ) ITEMS 0 DO RANDOM ARRAY I CELLS + ! LOOP ;

: EXCHANGE ( a-addr -- ) DUP 2@ SWAP ROT 2! ;

: PASS ( n -- )
   ARRAY SWAP 0 DO
      DUP 2@ < IF DUP EXCHANGE THEN CELL+
   LOOP DROP ;

: SORT ( -- ) 1 ITEMS 1- DO I PASS -1 +LOOP ;

: SORTED? ( -- flag )
   TRUE ITEMS 1- 0 DO
      ARRAY I CELLS + DUP @ SWAP CELL+ @ > IF DROP FALSE LEAVE THEN
   LOOP ;

: CHECKSUM ( -- u ) 0 ITEMS 0 DO 31 * ARRAY I CELLS + @ + 1048575 AND LOOP ;

: RUN ( n -- ) 0 DO I SEED ! FILL-ARRAY SORT LOOP ;

20 RUN SORTED? . CHECKSUM . CR
BYE
