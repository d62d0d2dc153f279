/** Some self-signed certificate, always the same: every simulated signature bears it. */
export const certificateDer = Buffer.from(
  "MIIBQDCB86ADAgECAhRbLfis4GaP3wreLlcoEMuCURvNcDAFBgMrZXAwFTETMBEGA1UEAwwKU2ltdWxhdGlvbjAgFw0yNjExMjMxNDIz" +
    "NTlaGA8yMTI2MTAzMDE0MjM1OVowFTETMBEGA1UEAwwKU2ltdWxhdGlvbjAqMAUGAytlcAMhANY+h5e8nlbMNxeXr/Kznup14G24MGWE" +
    "oVwRZbSSxgwlo1MwUTAdBgNVHQ4EFgQUelO1gNkCVU1VURIBUDF2MjaGxuMwHwYDVR0jBBgwFoAUelO1gNkCVU1VURIBUDF2MjaGxuMw" +
    "DwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQDhziLTeT+r5JFYrdB/FMpHqOn7VVGg0QuSS2oLeIR3VOB3EwKFqHoWtrgb7sXclH3/ytVd" +
    "ZXdIr6H99WchOzQJ",
  "base64",
);
