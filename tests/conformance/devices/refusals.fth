\ Capabilities, devices and clocks: what every host refuses alike, with or without devices to offer.
\ The last cases give all capabilities up, so this folder comes last in the suite.
SUITE devices/refusals

\ ---- Names ----
T{ CAP_SPAWN CAP_MMIO CAP_IRQ CAP_KILL CAP_TIME_ADMIN -> 1 2 3 4 5 }T
T{ THROWS| 0 CAP-INFO| -> -270 }T
T{ THROWS| 6 CAP-INFO| -> -270 }T
T{ THROWS| -1 CAP-INFO| -> -270 }T
T{ THROWS| MIN-INT CAP-INFO| -> -270 }T
T{ THROWS| 0 CAP-REVOKE| -> -270 }T
T{ THROWS| 6 CAP-REVOKE| -> -270 }T
T{ THROWS| MAX-UINT CAP-REVOKE| -> -270 }T

\ ---- Names that nobody has given out; a root capability's name is no device's ----
T{ THROWS| 0 6 DEV8@| -> -271 }T
T{ THROWS| 0 0 DEV16@| -> -271 }T
T{ THROWS| 0 -1 DEV32@| -> -271 }T
T{ THROWS| 0 CAP_MMIO DEV64@| -> -271 }T
T{ THROWS| 1 0 6 DEV8!| -> -271 }T
T{ THROWS| 1 0 MAX-UINT DEV16!| -> -271 }T
T{ THROWS| 1 0 MAX-INT DEV32!| -> -271 }T
T{ THROWS| 1 0 CAP_MMIO DEV64!| -> -271 }T
T{ THROWS| 6 UNMAP-DEVICE| -> -271 }T
T{ THROWS| 6 WAIT-IRQ| -> -272 }T
T{ THROWS| CAP_IRQ WAIT-IRQ| -> -272 }T
T{ THROWS| 0 IRQ?| -> -272 }T
T{ THROWS| -1 ACK-IRQ| -> -272 }T
T{ THROWS| 7 DETACH-IRQ| -> -272 }T

\ ---- What no machine has ----
T{ THROWS| 0 0 MAP-DEVICE| -> -275 }T
T{ THROWS| 4096 0 MAP-DEVICE| -> -275 }T
T{ THROWS| -1 1 MAP-DEVICE| -> -275 }T
T{ THROWS| -1 -1 MAP-DEVICE| -> -275 }T
T{ THROWS| 2 -1 MAP-DEVICE| -> -275 }T
T{ THROWS| 0 -1 MAP-DEVICE| -> -287 }T
T{ THROWS| 0 2097153 MAP-DEVICE| -> -287 }T
T{ THROWS| 0 MAX-INT MAP-DEVICE| -> -287 }T
T{ THROWS| 0 0 MAP-PORTS| -> -275 }T
T{ THROWS| 65536 1 MAP-PORTS| -> -275 }T
T{ THROWS| 65535 2 MAP-PORTS| -> -275 }T
T{ THROWS| 0 65537 MAP-PORTS| -> -275 }T
T{ THROWS| -1 1 MAP-PORTS| -> -275 }T
T{ THROWS| -1 ATTACH-IRQ| -> -278 }T
T{ THROWS| MIN-INT ATTACH-IRQ| -> -278 }T
T{ THROWS| 4294967296 ATTACH-IRQ| -> -278 }T

\ ---- Too little on the stack ----
T{ THROWS| MAP-DEVICE| -> -4 }T
T{ THROWS| DEV32@| -> -4 }T
T{ THROWS| DEV32!| -> -4 }T
T{ THROWS| WAIT-IRQ| -> -4 }T
T{ THROWS| CAP-REVOKE| -> -4 }T
T{ THROWS| TIME!| -> -4 }T

\ ---- No devices, memory, or nothing at all at such an address: refused in any case ----
: REFUSED? ( i*x xt -- flag ) CATCH >R 2DROP R> 0< ;
T{ MIN-INT 4096 ' MAP-DEVICE REFUSED? -> -1 }T

\ ---- What is held, and what is left of it ----
\ out |1 CAP_SPAWN: making VM instances (held)
\ out |1 CAP_SPAWN: making VM instances (revoked)
OUT{ CAP_SPAWN CAP-INFO }OUT
CAP_SPAWN CAP-REVOKE
OUT{ CAP_SPAWN CAP-INFO }OUT
T{ THROWS| CAP_SPAWN CAP-REVOKE| -> -265 }T

CAP_MMIO CAP-REVOKE
T{ THROWS| CAP_MMIO CAP-REVOKE| -> -266 }T
T{ THROWS| 0 4096 MAP-DEVICE| -> -266 }T
T{ THROWS| 0 0 MAP-DEVICE| -> -266 }T
T{ THROWS| 0 MAX-INT MAP-PORTS| -> -266 }T
T{ THROWS| 6 UNMAP-DEVICE| -> -266 }T
T{ THROWS| 0 6 DEV8@| -> -266 }T
T{ THROWS| 0 6 DEV16@| -> -266 }T
T{ THROWS| 0 6 DEV32@| -> -266 }T
T{ THROWS| 0 6 DEV64@| -> -266 }T
T{ THROWS| 1 0 6 DEV8!| -> -266 }T
T{ THROWS| 1 0 6 DEV16!| -> -266 }T
T{ THROWS| 1 0 6 DEV32!| -> -266 }T
T{ THROWS| 1 0 6 DEV64!| -> -266 }T
T{ THROWS| DEVICES| -> -266 }T
T{ THROWS| MEMORY-MAP| -> -266 }T
T{ THROWS| CPUS| -> -266 }T
T{ THROWS| .MACHINE| -> -266 }T

CAP_IRQ CAP-REVOKE
T{ THROWS| CAP_IRQ CAP-REVOKE| -> -267 }T
T{ THROWS| 8 ATTACH-IRQ| -> -267 }T
T{ THROWS| -1 ATTACH-IRQ| -> -267 }T
T{ THROWS| 6 DETACH-IRQ| -> -267 }T
T{ THROWS| 6 WAIT-IRQ| -> -267 }T
T{ THROWS| 6 IRQ?| -> -267 }T
T{ THROWS| 6 ACK-IRQ| -> -267 }T

CAP_KILL CAP-REVOKE
T{ THROWS| CAP_KILL CAP-REVOKE| -> -268 }T
T{ THROWS| S" no" PANIC| -> -268 }T

CAP_TIME_ADMIN CAP-REVOKE
T{ THROWS| CAP_TIME_ADMIN CAP-REVOKE| -> -269 }T
T{ THROWS| 0 TIME!| -> -269 }T
T{ TIME@ 0= -> 0 }T
T{ NS@ NS@ U> -> 0 }T
\ Nothing is left to show.
\ out ||
OUT{ CAPS }OUT
