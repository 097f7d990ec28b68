"""★4 Evidence bundles: `request` asks for one, `export` makes it, `bundles` keeps it,
`bundle_response` hands it out. Formats and deliveries will live here. What lies in a bundle, byte
by byte, is `audit.tlog.bundle`."""
