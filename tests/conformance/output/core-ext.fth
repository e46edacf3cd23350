\ What the printing words of CORE EXT print; read as output/core.fth is.

\ clause 6.2.0210 .R
\ out |    1|
OUT{ 1 5 .R }OUT
\ out |   -1|
OUT{ -1 5 .R }OUT
\ out |12345|
OUT{ 12345 5 .R }OUT
\ out |123456|
OUT{ 123456 5 .R }OUT
\ out |1-1|
OUT{ 1 0 .R -1 -5 .R }OUT
\ out |-9223372036854775808|
OUT{ MIN-INT 1 .R }OUT
\ out |   FF|
OUT{ 255 HEX 5 .R DECIMAL }OUT

\ clause 6.2.2330 U.R
\ out |    1|
OUT{ 1 5 U.R }OUT
\ out |18446744073709551615|
OUT{ -1 5 U.R }OUT
\ out |1|
OUT{ 1 0 U.R }OUT

\ clause 6.2.0200 .(
\ out |now|
OUT{ .( now) }OUT
\ out ||
OUT{ .( ) }OUT

\ clause 6.2.1660 HEX
\ out |FF -A |
OUT{ 255 -10 HEX SWAP . . DECIMAL }OUT

\ clause 6.2.2266 S\"
: TEXT-Q S\" \qhi\q \x41" ;
\ out |"hi" A|
OUT{ TEXT-Q TYPE }OUT
