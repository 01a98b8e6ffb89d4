using Xunit;

namespace MLNetMeta.Trainers.Tests.Torch;

public sealed class NativeHeapTests
{
    [Fact]
    public void KeepFreedMemory_OnLinuxWithGlibc_IsMade() =>
        Assert.Equal(OperatingSystem.IsLinux(), NativeHeap.KeepFreedMemory(["PATH", "OMP_NUM_THREADS"]));

    [Theory]
    [InlineData("MALLOC_ARENA_MAX")]
    [InlineData("MALLOC_TRIM_THRESHOLD_")]
    [InlineData("GLIBC_TUNABLES")]
    public void KeepFreedMemory_WhereTheUserDecided_IsNot(string variable) => Assert.False(NativeHeap.KeepFreedMemory(["PATH", variable]));
}
