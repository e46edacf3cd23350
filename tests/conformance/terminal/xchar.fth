\ Characters of several bytes and keyboard events, from the lines that follow.
SUITE terminal/xchar

\ clause 18.6.1.2488.30 XKEY
T{ XKEY XKEY XKEY KEY DROP -> $20AC $E9 65 }T
€éA
T{ THROWS| XKEY| KEY DROP -> 65 0 }T
A
\ clause 10.6.2.1305 EKEY
T{ EKEY EKEY>CHAR KEY DROP -> 65 TRUE }T
A
T{ EKEY EKEY>XCHAR KEY DROP -> $1F600 TRUE }T
😀
