\ Values and errors nobody catches: the value stack is emptied by all but QUIT, and no transaction stays open.
SUITE terminal/values

T{ ~1 ~2 QUIT
VDEPTH VDROP VDROP -> 2 }T
T{ ~1 ~2 ABORT
VDEPTH -> 0 }T
T{ ~1 ~[2 3
VDEPTH -> 0 }T
T{ ~1 ~2 5 NTH
VDEPTH -> 0 }T
~1 ~2
T{ 1 0 /
VDEPTH -> 0 }T
~0 ATOM VCONSTANT TYPED-ATOM
: STORES ~5 TYPED-ATOM STORE ;
: QUITS-INSIDE STORES QUIT ;
: ABORTS-INSIDE STORES ABORT ;
T{ ' QUITS-INSIDE TRANSACT
TYPED-ATOM FETCH V> -> 0 }T
T{ ' ABORTS-INSIDE TRANSACT
TYPED-ATOM FETCH V> -> 0 }T
T{ STORES 1 0 /
TYPED-ATOM FETCH V> -> 5 }T
