\ DOUBLE: comparison of double-cell numbers. Every order is tried where the more significant cells decide, and
\ where they are equal and the others do.
SUITE double/comparison

: HI-BIT ( -- x ) 1 63 LSHIFT ;
MAX-UINT MAX-INT 2CONSTANT MAX-D
0 HI-BIT 2CONSTANT MIN-D

\ clause 8.6.1.1075 D0<
T{ 0. D0< -> FALSE }T
T{ 1. D0< -> FALSE }T
T{ -1. D0< -> TRUE }T
T{ HI-BIT 0 D0< -> FALSE }T
T{ MAX-UINT 0 D0< -> FALSE }T
T{ 0 -1 D0< -> TRUE }T
T{ MAX-D D0< -> FALSE }T
T{ MIN-D D0< -> TRUE }T

\ clause 8.6.1.1080 D0=
T{ 0. D0= -> TRUE }T
T{ 1. D0= -> FALSE }T
T{ -1. D0= -> FALSE }T
T{ HI-BIT 0 D0= -> FALSE }T
T{ 0 1 D0= -> FALSE }T
T{ 0 -1 D0= -> FALSE }T
T{ MAX-D D0= -> FALSE }T
T{ MIN-D D0= -> FALSE }T

\ clause 8.6.1.1120 D=
T{ 0. 0. D= -> TRUE }T
T{ 0. 1. D= -> FALSE }T
T{ -1. -1. D= -> TRUE }T
T{ -1. 1. D= -> FALSE }T
T{ 0 1 0. D= -> FALSE }T
T{ 0 1 0 1 D= -> TRUE }T
T{ 0 1 1. D= -> FALSE }T
T{ 0 -1 0 1 D= -> FALSE }T
T{ MAX-D MAX-D D= -> TRUE }T
T{ MAX-D MIN-D D= -> FALSE }T
T{ MIN-D MIN-D D= -> TRUE }T

\ clause 8.6.1.1110 D<
T{ 0. 0. D< -> FALSE }T
T{ 0. 1. D< -> TRUE }T
T{ 1. 0. D< -> FALSE }T
T{ -1. 0. D< -> TRUE }T
T{ 0. -1. D< -> FALSE }T
T{ -1. 1. D< -> TRUE }T
T{ 1. -1. D< -> FALSE }T
T{ MAX-UINT 0 0 1 D< -> TRUE }T
T{ 0 1 MAX-UINT 0 D< -> FALSE }T
T{ HI-BIT 0 1. D< -> FALSE }T
T{ 1. HI-BIT 0 D< -> TRUE }T
T{ 0 -1 -1. D< -> TRUE }T
T{ -1. 0 -1 D< -> FALSE }T
T{ MAX-UINT -2 0 -1 D< -> TRUE }T
T{ 0 -1 MAX-UINT -2 D< -> FALSE }T
T{ HI-BIT -1 0. D< -> TRUE }T
T{ MIN-D MAX-D D< -> TRUE }T
T{ MAX-D MIN-D D< -> FALSE }T
T{ MIN-D MIN-D D< -> FALSE }T
T{ MAX-D MAX-D D< -> FALSE }T
T{ MIN-D 0. D< -> TRUE }T
T{ 0. MAX-D D< -> TRUE }T

\ clause 8.6.2.1270 DU<
T{ 0. 0. DU< -> FALSE }T
T{ 0. 1. DU< -> TRUE }T
T{ 1. 0. DU< -> FALSE }T
T{ -1. 0. DU< -> FALSE }T
T{ 0. -1. DU< -> TRUE }T
T{ -1. 1. DU< -> FALSE }T
T{ 1. -1. DU< -> TRUE }T
T{ MAX-UINT 0 0 1 DU< -> TRUE }T
T{ 0 1 MAX-UINT 0 DU< -> FALSE }T
T{ HI-BIT 0 1. DU< -> FALSE }T
T{ 1. HI-BIT 0 DU< -> TRUE }T
T{ 0 -1 -1. DU< -> TRUE }T
T{ -1. 0 -1 DU< -> FALSE }T
T{ MAX-UINT -2 0 -1 DU< -> TRUE }T
T{ 0 -1 MAX-UINT -2 DU< -> FALSE }T
T{ HI-BIT -1 0. DU< -> FALSE }T
T{ MIN-D MAX-D DU< -> FALSE }T
T{ MAX-D MIN-D DU< -> TRUE }T
T{ MIN-D MIN-D DU< -> FALSE }T
T{ MAX-D MAX-D DU< -> FALSE }T
T{ MIN-D 0. DU< -> FALSE }T
T{ 0. MAX-D DU< -> TRUE }T

\ clause 8.6.1.1210 DMAX
T{ 0. 0. DMAX -> 0. }T
T{ 1. 2. DMAX -> 2. }T
T{ 2. 1. DMAX -> 2. }T
T{ -1. 1. DMAX -> 1. }T
T{ 1. -1. DMAX -> 1. }T
T{ -2. -1. DMAX -> -1. }T
T{ MAX-UINT 0 0 1 DMAX -> 0 1 }T
T{ 0 1 MAX-UINT 0 DMAX -> 0 1 }T
T{ HI-BIT 0 1. DMAX -> HI-BIT 0 }T
T{ 0 -1 -1. DMAX -> -1. }T
T{ MAX-D MIN-D DMAX -> MAX-D }T
T{ MIN-D MAX-D DMAX -> MAX-D }T
T{ MIN-D -1. DMAX -> -1. }T
T{ MAX-D MAX-D DMAX -> MAX-D }T

\ clause 8.6.1.1220 DMIN
T{ 0. 0. DMIN -> 0. }T
T{ 1. 2. DMIN -> 1. }T
T{ 2. 1. DMIN -> 1. }T
T{ -1. 1. DMIN -> -1. }T
T{ 1. -1. DMIN -> -1. }T
T{ -2. -1. DMIN -> -2. }T
T{ MAX-UINT 0 0 1 DMIN -> MAX-UINT 0 }T
T{ 0 1 MAX-UINT 0 DMIN -> MAX-UINT 0 }T
T{ HI-BIT 0 1. DMIN -> 1. }T
T{ 0 -1 -1. DMIN -> 0 -1 }T
T{ MAX-D MIN-D DMIN -> MIN-D }T
T{ MIN-D MAX-D DMIN -> MIN-D }T
T{ MIN-D -1. DMIN -> MIN-D }T
T{ MAX-D MAX-D DMIN -> MAX-D }T
