\ FLOATING: the limit of the float stack, up to it and one past it.
SUITE float/limits

\ clause 12.6.1.1497 FDEPTH
\ The stack of floats has 131,072 places; each definition asks for room before it takes any.
: FT-FILL ( n -- ) 0 ?DO 0E LOOP ;
: FT-EMPTY ( n -- ) 0 ?DO FDROP LOOP ;
: FT-LIMIT ( -- n ) S" FLOATING-STACK" ENVIRONMENT? DROP ;
T{ FT-LIMIT FT-FILL FDEPTH FT-LIMIT FT-EMPTY FDEPTH -> 131072 0 }T
T{ THROWS| FT-LIMIT 1+ FT-FILL| FDEPTH -> -44 0 }T
T{ THROWS| FT-LIMIT FT-FILL FDUP| FDEPTH -> -44 0 }T
T{ THROWS| FT-LIMIT FT-FILL 5 S>F| FDEPTH -> -44 0 }T
T{ THROWS| FT-LIMIT FT-FILL 1E| FDEPTH -> -44 0 }T
