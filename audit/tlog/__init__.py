"""The log's arithmetic and formats: trees and proofs, entries, checkpoints, notes, bundles.

Pure: the standard library and `cryptography`. Storage is a function passed in. The formats are in
`audit/FORMATS.md`.
"""
