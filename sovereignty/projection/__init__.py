"""The projection: what facts change in the derived tables, and the rebuilding of all of it. One
code applies a batch when it arrives and again when everything is rebuilt. It reads through
`sovereignty.loading` and judges nothing."""
