//! Two payloads worked out by hand from the rules of CDR (OMG XTypes 1.3, section 7.4.1).
//!
//! Offsets in the comments count from the start of the body, because alignment does.

use tandem_wire::Message as _;

use crate::samples;

#[test]
fn joint_state() {
    #[rustfmt::skip]
    let expected: &[u8] = &[
        0x00, 0x01, 0x00, 0x00,                          //     PLAIN_CDR little-endian, no options
        12, 0, 0, 0,                                     //   0 header.stamp.sec = 12
        0x35, 0xa4, 0x9a, 0x14,                          //   4 nanosec = 345 678 901 = 0x149aa435
        1, 0, 0, 0, 0,                                   //   8 frame_id "": one byte, the NUL
        0, 0, 0,                                         //  13 to a multiple of 4
        3, 0, 0, 0,                                      //  16 three names
        9, 0, 0, 0, b's', b'h', b'o', b'u', b'l', b'd', b'e', b'r', 0, //  20
        0, 0, 0,                                         //  33 to a multiple of 4
        6, 0, 0, 0, b'e', b'l', b'b', b'o', b'w', 0,     //  36
        0, 0,                                            //  46 to a multiple of 4
        4, 0, 0, 0, b'j', b'a', b'w', 0,                 //  48
        3, 0, 0, 0,                                      //  56 three positions
        0, 0, 0, 0,                                      //  60 to a multiple of 8
        0, 0, 0, 0, 0, 0, 0xd0, 0x3f,                    //  64 0.25
        0, 0, 0, 0, 0, 0, 0xf8, 0xbf,                    //  72 -1.5
        0, 0, 0, 0, 0, 0, 0x08, 0x40,                    //  80 3.0
        3, 0, 0, 0,                                      //  88 three velocities
        0, 0, 0, 0,                                      //  92 to a multiple of 8
        0, 0, 0, 0, 0, 0, 0, 0,                          //  96 0.0
        0, 0, 0, 0, 0, 0, 0xc0, 0xbf,                    // 104 -0.125
        0, 0, 0, 0, 0, 0, 0x04, 0x40,                    // 112 2.5
        0, 0, 0, 0,                                      // 120 no efforts, and so no padding
    ];
    let mut bytes = vec![0xaa; 7];
    samples::joint_state().encode(&mut bytes);
    assert_eq!(bytes, expected);
}

#[test]
fn image() {
    #[rustfmt::skip]
    let expected: &[u8] = &[
        0x00, 0x01, 0x00, 0x00,                          //     PLAIN_CDR little-endian, no options
        3, 0, 0, 0,                                      //   0 header.stamp.sec = 3
        7, 0, 0, 0,                                      //   4 nanosec = 7
        6, 0, 0, 0, b'f', b'r', b'o', b'n', b't', 0,     //   8 frame_id "front"
        0, 0,                                            //  18 to a multiple of 4
        2, 0, 0, 0,                                      //  20 height = 2
        1, 0, 0, 0,                                      //  24 width = 1
        5, 0, 0, 0, b'r', b'g', b'b', b'8', 0,           //  28 encoding "rgb8"
        0,                                               //  37 is_bigendian: a byte, so no padding
        0, 0,                                            //  38 to a multiple of 4
        3, 0, 0, 0,                                      //  40 step = 3
        6, 0, 0, 0,                                      //  44 six bytes of pixels
        255, 128, 0, 1, 2, 3,                            //  48
    ];
    let mut bytes = Vec::new();
    samples::image().encode(&mut bytes);
    assert_eq!(bytes, expected);
}
