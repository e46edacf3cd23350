\ BLOCK EXT and the editor: what is listed. Each line that a list prints is a line of its own here, so
\ only one block is listed, and of it the place where the printing stood.
SUITE output/block

\ clause 7.6.2.1770 LIST
: LISTED-LINE ( n u -- ) OUT{ BLOCK SWAP 64 * + 64 -TRAILING TYPE }OUT ;
935 SCR !  935 BUFFER 1024 BL FILL UPDATE
7 S : SQUARE DUP * ;
T{ 7 935 LISTED-LINE -> }T
\ out |: SQUARE DUP * ;|
T{ 935 BUFFER 1024 BL FILL UPDATE FLUSH -> }T
