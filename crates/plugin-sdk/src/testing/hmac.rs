//! HMAC (RFC 2104) with SHA-1 and SHA-2 (FIPS 180-4), for signatures that tests check. Nothing that runs in a server uses
//! it: a library for it would make every plugin's tests compile one.

use jackfield_plugin_abi::messages::{HmacAlgorithm, SignatureEncoding};

use super::SignatureAsked;

type Hash = fn(&[u8]) -> Vec<u8>;

/// Whether the signature is right under this key.
pub(super) fn is_valid(asked: &SignatureAsked, key: &[u8]) -> bool {
    let signature = asked.signature.as_str();
    match asked.encoding {
        SignatureEncoding::Hex => signature.eq_ignore_ascii_case(&sign(
            asked.algorithm,
            key,
            &asked.message,
            SignatureEncoding::Hex,
        )),
        encoding => signature == sign(asked.algorithm, key, &asked.message, encoding),
    }
}

/// The signature of `message`, as a provider would write it: for tests of webhooks.
pub fn sign(
    algorithm: HmacAlgorithm,
    key: &[u8],
    message: &[u8],
    encoding: SignatureEncoding,
) -> String {
    let (hash, block): (Hash, usize) = match algorithm {
        HmacAlgorithm::Sha1 => (sha1, 64),
        HmacAlgorithm::Sha256 => (sha256, 64),
        HmacAlgorithm::Sha512 => (sha512, 128),
    };
    let mut key = if key.len() > block {
        hash(key)
    } else {
        key.to_vec()
    };
    key.resize(block, 0);
    let pad = |with: u8| key.iter().map(move |byte| byte ^ with).collect::<Vec<u8>>();
    let inner = hash(&[&pad(0x36), message].concat());
    let mac = hash(&[pad(0x5c), inner].concat());
    match encoding {
        SignatureEncoding::Hex => mac.iter().map(|byte| format!("{byte:02x}")).collect(),
        SignatureEncoding::Base64 => base64(&mac),
    }
}

/// The message, a one bit, zeros, and its length in bits, in whole blocks.
fn padded(message: &[u8], block: usize) -> Vec<u8> {
    let bits = (message.len() as u128) * 8;
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % block != block - block / 8 {
        padded.push(0);
    }
    padded.extend(&bits.to_be_bytes()[16 - block / 8..]);
    padded
}

fn sha1(message: &[u8]) -> Vec<u8> {
    let mut state: [u32; 5] = [
        0x6745_2301,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    for block in padded(message, 64).chunks_exact(64) {
        let mut words: Vec<u32> = words32(block);
        for t in 16..80 {
            words
                .push((words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16]).rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (t, word) in words.into_iter().enumerate() {
            let (f, k) = match t {
                0..20 => ((b & c) | (!b & d), 0x5a82_7999),
                20..40 => (b ^ c ^ d, 0x6ed9_eba1),
                40..60 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6_u32),
            };
            let next = [a.rotate_left(5), f, e, k, word]
                .into_iter()
                .fold(0, u32::wrapping_add);
            (a, b, c, d, e) = (next, a, b.rotate_left(30), c, d);
        }
        state = add([a, b, c, d, e], state, u32::wrapping_add);
    }
    state.into_iter().flat_map(u32::to_be_bytes).collect()
}

fn sha256(message: &[u8]) -> Vec<u8> {
    // The constants are the upper halves of those of SHA-512.
    let upper = |constant: u64| u32::try_from(constant >> 32).unwrap_or_default();
    let mut state = INITIAL.map(upper);
    for block in padded(message, 64).chunks_exact(64) {
        let mut words = words32(block);
        for t in 16..64 {
            let (x, y) = (words[t - 15], words[t - 2]);
            let s0 = x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3);
            let s1 = y.rotate_right(17) ^ y.rotate_right(19) ^ (y >> 10);
            words.push(
                [words[t - 16], s0, words[t - 7], s1]
                    .into_iter()
                    .fold(0, u32::wrapping_add),
            );
        }
        let mut v = state;
        for (word, constant) in words.into_iter().zip(ROUND.map(upper)) {
            let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            let t1 = [v[7], s1, choice, constant, word]
                .into_iter()
                .fold(0, u32::wrapping_add);
            let t2 = s0.wrapping_add(majority);
            v = [
                t1.wrapping_add(t2),
                v[0],
                v[1],
                v[2],
                v[3].wrapping_add(t1),
                v[4],
                v[5],
                v[6],
            ];
        }
        state = add(v, state, u32::wrapping_add);
    }
    state.into_iter().flat_map(u32::to_be_bytes).collect()
}

fn sha512(message: &[u8]) -> Vec<u8> {
    let mut state = INITIAL;
    for block in padded(message, 128).chunks_exact(128) {
        let word = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |word, byte| word << 8 | u64::from(*byte))
        };
        let mut words: Vec<u64> = block.chunks_exact(8).map(word).collect();
        for t in 16..80 {
            let (x, y) = (words[t - 15], words[t - 2]);
            let s0 = x.rotate_right(1) ^ x.rotate_right(8) ^ (x >> 7);
            let s1 = y.rotate_right(19) ^ y.rotate_right(61) ^ (y >> 6);
            words.push(
                [words[t - 16], s0, words[t - 7], s1]
                    .into_iter()
                    .fold(0, u64::wrapping_add),
            );
        }
        let mut v = state;
        for (word, constant) in words.into_iter().zip(ROUND) {
            let s1 = v[4].rotate_right(14) ^ v[4].rotate_right(18) ^ v[4].rotate_right(41);
            let s0 = v[0].rotate_right(28) ^ v[0].rotate_right(34) ^ v[0].rotate_right(39);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            let t1 = [v[7], s1, choice, constant, word]
                .into_iter()
                .fold(0, u64::wrapping_add);
            let t2 = s0.wrapping_add(majority);
            v = [
                t1.wrapping_add(t2),
                v[0],
                v[1],
                v[2],
                v[3].wrapping_add(t1),
                v[4],
                v[5],
                v[6],
            ];
        }
        state = add(v, state, u64::wrapping_add);
    }
    state.into_iter().flat_map(u64::to_be_bytes).collect()
}

fn words32(block: &[u8]) -> Vec<u32> {
    let word = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |word, byte| word << 8 | u32::from(*byte))
    };
    block.chunks_exact(4).map(word).collect()
}

fn add<T: Copy, const N: usize>(mut one: [T; N], other: [T; N], add: fn(T, T) -> T) -> [T; N] {
    for (one, other) in one.iter_mut().zip(other) {
        *one = add(*one, other);
    }
    one
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let quartet = |chunk: &[u8]| {
        let bits = (0..3).fold(0_usize, |bits, index| {
            bits << 8 | usize::from(*chunk.get(index).unwrap_or(&0))
        });
        let letter = |index: usize| match index <= chunk.len() {
            true => char::from(ALPHABET[(bits >> (18 - 6 * index)) & 63]),
            false => '=',
        };
        (0..4).map(letter).collect::<String>()
    };
    bytes.chunks(3).map(quartet).collect()
}

/// The first 64 bits of the fractional parts of the square roots of the first 8 primes.
const INITIAL: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

/// The first 64 bits of the fractional parts of the cube roots of the first 80 primes.
const ROUND: [u64; 80] = [
    0x428a_2f98_d728_ae22,
    0x7137_4491_23ef_65cd,
    0xb5c0_fbcf_ec4d_3b2f,
    0xe9b5_dba5_8189_dbbc,
    0x3956_c25b_f348_b538,
    0x59f1_11f1_b605_d019,
    0x923f_82a4_af19_4f9b,
    0xab1c_5ed5_da6d_8118,
    0xd807_aa98_a303_0242,
    0x1283_5b01_4570_6fbe,
    0x2431_85be_4ee4_b28c,
    0x550c_7dc3_d5ff_b4e2,
    0x72be_5d74_f27b_896f,
    0x80de_b1fe_3b16_96b1,
    0x9bdc_06a7_25c7_1235,
    0xc19b_f174_cf69_2694,
    0xe49b_69c1_9ef1_4ad2,
    0xefbe_4786_384f_25e3,
    0x0fc1_9dc6_8b8c_d5b5,
    0x240c_a1cc_77ac_9c65,
    0x2de9_2c6f_592b_0275,
    0x4a74_84aa_6ea6_e483,
    0x5cb0_a9dc_bd41_fbd4,
    0x76f9_88da_8311_53b5,
    0x983e_5152_ee66_dfab,
    0xa831_c66d_2db4_3210,
    0xb003_27c8_98fb_213f,
    0xbf59_7fc7_beef_0ee4,
    0xc6e0_0bf3_3da8_8fc2,
    0xd5a7_9147_930a_a725,
    0x06ca_6351_e003_826f,
    0x1429_2967_0a0e_6e70,
    0x27b7_0a85_46d2_2ffc,
    0x2e1b_2138_5c26_c926,
    0x4d2c_6dfc_5ac4_2aed,
    0x5338_0d13_9d95_b3df,
    0x650a_7354_8baf_63de,
    0x766a_0abb_3c77_b2a8,
    0x81c2_c92e_47ed_aee6,
    0x9272_2c85_1482_353b,
    0xa2bf_e8a1_4cf1_0364,
    0xa81a_664b_bc42_3001,
    0xc24b_8b70_d0f8_9791,
    0xc76c_51a3_0654_be30,
    0xd192_e819_d6ef_5218,
    0xd699_0624_5565_a910,
    0xf40e_3585_5771_202a,
    0x106a_a070_32bb_d1b8,
    0x19a4_c116_b8d2_d0c8,
    0x1e37_6c08_5141_ab53,
    0x2748_774c_df8e_eb99,
    0x34b0_bcb5_e19b_48a8,
    0x391c_0cb3_c5c9_5a63,
    0x4ed8_aa4a_e341_8acb,
    0x5b9c_ca4f_7763_e373,
    0x682e_6ff3_d6b2_b8a3,
    0x748f_82ee_5def_b2fc,
    0x78a5_636f_4317_2f60,
    0x84c8_7814_a1f0_ab72,
    0x8cc7_0208_1a64_39ec,
    0x90be_fffa_2363_1e28,
    0xa450_6ceb_de82_bde9,
    0xbef9_a3f7_b2c6_7915,
    0xc671_78f2_e372_532b,
    0xca27_3ece_ea26_619c,
    0xd186_b8c7_21c0_c207,
    0xeada_7dd6_cde0_eb1e,
    0xf57d_4f7f_ee6e_d178,
    0x06f0_67aa_7217_6fba,
    0x0a63_7dc5_a2c8_98a6,
    0x113f_9804_bef9_0dae,
    0x1b71_0b35_131c_471b,
    0x28db_77f5_2304_7d84,
    0x32ca_ab7b_40c7_2493,
    0x3c9e_be0a_15c9_bebc,
    0x431d_67c4_9c10_0d4c,
    0x4cc5_d4be_cb3e_42b6,
    0x597f_299c_fc65_7e2a,
    0x5fcb_6fab_3ad6_faec,
    0x6c44_198c_4a47_5817,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202 and RFC 4231, test case 2, and a key longer than a block.
    #[test]
    fn signatures_are_those_of_the_standards() {
        let (key, message) = (b"Jefe", b"what do ya want for nothing?");
        let hex = |algorithm| sign(algorithm, key, message, SignatureEncoding::Hex);
        assert_eq!(
            hex(HmacAlgorithm::Sha1),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        );
        assert_eq!(
            hex(HmacAlgorithm::Sha256),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(HmacAlgorithm::Sha512),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
             9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        );
        let message = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(
            sign(
                HmacAlgorithm::Sha256,
                &[0xaa; 131],
                message,
                SignatureEncoding::Hex
            ),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    /// Made with Twilio's library.
    #[test]
    fn base64_is_padded() {
        let message = b"https://example.com/hook?a=bBodyhiFrom+1666To+1555";
        assert_eq!(
            sign(
                HmacAlgorithm::Sha1,
                b"12345",
                message,
                SignatureEncoding::Base64
            ),
            "eWgtMn/CRRYWVuiLQ94+EeNYQSc="
        );
    }
}
