\ Fixed point, Q48.16: a cell holds 65,536 times the number. The words are StarForth's.
\
\ Results are the nearest number, a half upwards; what does not fit is the largest or the smallest.

65536 CONSTANT Q.SCALE
65536 CONSTANT Q.1
0 CONSTANT Q.0

: Q.FROM-INT ( n -- q ) (q-from) ;
: Q.TO-INT ( q -- n ) Q.SCALE / ;
: Q.+ ( q1 q2 -- q3 ) (q+) ;
: Q.- ( q1 q2 -- q3 ) (q-) ;
: Q.* ( q1 q2 -- q3 ) (q*) ;
: Q./ ( q1 q2 -- q3 ) (q/) ;
: Q.NEG ( q1 -- q2 ) 0 SWAP (q-) ;
: Q.ABS ( q1 -- q2 ) DUP 0< IF Q.NEG THEN ;
: Q.SQRT ( q1 -- q2 ) (q-root) ;
: Q.LOG ( q1 -- q2 ) (q-log) ;
: Q.EXP ( q1 -- q2 ) (q-exp) ;
: Q.= ( q1 q2 -- flag ) = ;
: Q.< ( q1 q2 -- flag ) < ;
: Q.> ( q1 q2 -- flag ) > ;
: Q.0= ( q -- flag ) 0= ;
: Q.MAX ( q1 q2 -- q3 ) MAX ;
: Q.MIN ( q1 q2 -- q3 ) MIN ;

\ In decimal whatever BASE is, with five digits behind the point, which tell all numbers apart.
: Q.PRINT ( q -- )
  BASE @ >R DECIMAL
  DUP ABS 100000 UM* 32768 0 D+ Q.SCALE UM/MOD NIP
  0 <# # # # # # 46 HOLD #S ROT SIGN #> TYPE SPACE
  R> BASE ! ;

\ The mean square of the differences to the mean, which is rounded down: that changes the result by less than
\ 2^-16 of its last place.
: Q.VARIANCE ( a-addr u -- q )
  DUP 1 < IF -24 THROW THEN
  2DUP 0 0 (q-sum) 2SWAP 2DROP 2 PICK FM/MOD NIP
  OVER >R 0 0 (q-squares) 2>R DROP 2DROP 2R> R> (q-mean-square) ;
