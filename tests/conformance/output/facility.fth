\ What AT-XY and PAGE send to the terminal; read as output/core.fth is. The sequences begin with the
\ character of code 27, which stands here as it is.

\ clause 10.6.1.0742 AT-XY
\ out |[1;1H|
OUT{ 0 0 AT-XY }OUT
\ out |[4;11H|
OUT{ 10 3 AT-XY }OUT
\ out |[4;11H|
OUT{ HEX A 3 AT-XY DECIMAL }OUT
\ clause 10.6.1.2005 PAGE
\ out |[2J[H|
OUT{ PAGE }OUT
