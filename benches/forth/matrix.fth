( Product of two square matrices of cells, the plain way: nested loops and address arithmetic. )

200 CONSTANT SIDE
: ROW ( -- n ) SIDE CELLS ;
: MATRIX ( "name" -- ) CREATE SIDE ROW * ALLOT ;

MATRIX LEFT
MATRIX RIGHT
MATRIX PRODUCT

( A generator of numbers that is the same on every system: 16 bits, additive and multiplicative. )
VARIABLE SEED
: RANDOM ( -- n ) SEED @ 25173 * 13849 + 65535 AND DUP SEED ! ;

: RANDOMIZE ( a-addr -- )
   SIDE SIDE * 0 DO RANDOM OVER ! CELL+ LOOP DROP ;

( One element: a row of LEFT times a column of RIGHT. )
: INNER ( a-row a-column -- n )
   0 SIDE 0 DO
      >R OVER @ OVER @ * R> +
      >R ROW + SWAP CELL+ SWAP R>
   LOOP >R 2DROP R> ;

: MULTIPLY ( -- )
   PRODUCT
   SIDE 0 DO
      SIDE 0 DO
         LEFT J ROW * + RIGHT I CELLS + INNER
         OVER ! CELL+
      LOOP
   LOOP DROP ;

: CHECKSUM ( -- n )
   0 PRODUCT SIDE SIDE * 0 DO
      DUP @ ROT 31 * XOR SWAP CELL+
   LOOP DROP ;

: RUN ( n -- )
   0 DO MULTIPLY LOOP ;

1 SEED ! LEFT RANDOMIZE RIGHT RANDOMIZE
4 RUN CHECKSUM . CR
BYE
