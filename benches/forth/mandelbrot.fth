( The Mandelbrot set in fixed-point numbers of 16 binary digits: multiplication, scaling and many cells on the stack. )

480 CONSTANT HEIGHT
480 CONSTANT WIDTH
200 CONSTANT DEPTH-LIMIT

65536 CONSTANT ONE
: SCALED ( n n -- n ) ONE */ ;

VARIABLE CX
VARIABLE CY

( How often the square may be taken before the point leaves the circle of radius two. )
: ESCAPE ( -- n )
   0 0 DEPTH-LIMIT 0 DO                      ( x y )
      OVER DUP SCALED OVER DUP SCALED        ( x y xx yy )
      2DUP + 4 ONE * > IF
         2DROP 2DROP I UNLOOP EXIT
      THEN
      - CX @ + >R                            ( x y ) ( R: x' )
      SCALED 2* CY @ + R> SWAP               ( x' y' )
   LOOP 2DROP DEPTH-LIMIT ;

: POINT ( row column -- )
   3 ONE * * WIDTH / 2 ONE * - CX !
   2 ONE * * HEIGHT / ONE - CY ! ;

: SET ( -- sum )
   0 HEIGHT 0 DO
      WIDTH 0 DO
         J I POINT ESCAPE +
      LOOP
   LOOP ;

SET . CR
BYE
