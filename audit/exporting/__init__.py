"""★4 Evidence bundles: `request` queues the export of a `period`, `export` makes the bundle,
`bundles` keeps it, `state` says how far it is, `bundle_response` hands it out. Formats and
deliveries will live here. What lies in a bundle, byte by byte, is `audit.tlog.bundle`."""
