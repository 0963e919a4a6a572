//! Little-endian numbers in and out of byte slices, without a panic in sight.

/// Writes numbers one after the other; `None` once the slice is full.
pub(crate) struct Writer<'a> {
    out: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(out: &'a mut [u8]) -> Self {
        Self { out, len: 0 }
    }

    pub(crate) fn put<const N: usize>(&mut self, bytes: [u8; N]) -> Option<()> {
        let end = self.len.checked_add(N)?;
        self.out.get_mut(self.len..end)?.copy_from_slice(&bytes);
        self.len = end;
        Some(())
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }
}

/// Reads numbers one after the other; `None` once the slice is at its end.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*head)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.take().map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    pub(crate) fn i32(&mut self) -> Option<i32> {
        self.take().map(i32::from_le_bytes)
    }

    /// Whether everything was read.
    pub(crate) const fn is_done(&self) -> bool {
        self.rest.is_empty()
    }
}
