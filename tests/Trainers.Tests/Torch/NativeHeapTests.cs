using Xunit;

namespace MLNetMeta.Trainers.Tests.Torch;

public sealed class NativeHeapTests
{
    [Fact]
    public void KeepFreedMemory_OnThisSystem_IsMadeUnlessTheUserDecided()
    {
        var isLinux = OperatingSystem.IsLinux();
        Assert.True(!isLinux || NativeHeap.KeepFreedMemory());
        const string variable = "MALLOC_TOP_PAD_";
        var before = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, "0");
        try
        {
            Assert.False(NativeHeap.KeepFreedMemory());
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, before);
        }
    }
}
