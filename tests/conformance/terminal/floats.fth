\ The float stack after QUIT, ABORT and errors that nobody catches; typed at the prompt.
SUITE terminal/floats

\ clause 12.6.1.1497 FDEPTH
T{ 1E 2E QUIT
FDEPTH FDROP FDROP -> 2 }T
T{ 1E 2E ABORT
FDEPTH -> 0 }T
T{ 1E 2E FOO-IS-NO-WORD
FDEPTH -> 0 }T
T{ 1E 2E F+ F+
FDEPTH -> 0 }T
T{ 1E 1E400
FDEPTH -> 0 }T
1E 2E
: FT-OPEN 3E [ FDEPTH ] ;
T{ FDEPTH -> 0 }T
