using Xunit;

namespace MLNetMeta.Transforms.Tests.Improving;

/// <summary>The bytes of a contribution come from elsewhere: whole, or refused.</summary>
public sealed class LearnerContributionTests
{
    private static readonly LearnerContribution _contribution = new()
    {
        Id = Guid.NewGuid(),
        Lineage = string.Concat(Enumerable.Repeat("0f", 32)),
        Revision = 7,
        ThetaChecksum = string.Concat(Enumerable.Repeat("a1", 32)),
        Tasks = 3,
        EvaluationLoss = 1.25,
        Gradient = new float[] { 1, -2.5f, 3e-8f },
    };

    [Theory]
    [InlineData(1.25)]
    [InlineData(null)]
    public void Load_OfWhatWasSaved_IsTheSame(double? loss)
    {
        var saved = _contribution with { EvaluationLoss = loss };
        using var stream = new MemoryStream([.. Bytes(saved), 1, 2, 3]);
        var loaded = LearnerContribution.Load(stream);
        Assert.Equal(saved with { Gradient = default }, loaded with { Gradient = default });
        Assert.Equal(saved.Gradient.ToArray(), loaded.Gradient.ToArray());
        Assert.Equal(stream.Length - 3, stream.Position);
    }

    [Fact]
    public void Load_OfAnyPartOfIt_IsRefused()
    {
        var bytes = Bytes(_contribution);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<FormatException>(() => LearnerContribution.Load(new MemoryStream(bytes, 0, length)));
        }
    }

    [Fact]
    public void Load_WithAnyByteChanged_IsRefused()
    {
        var bytes = Bytes(_contribution);
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = (byte[])bytes.Clone();
            changed[i] ^= 0x10;
            var failure = Record.Exception(() => LearnerContribution.Load(new MemoryStream(changed)));
            Assert.True(failure is FormatException or NotSupportedException, $"Byte {i}: {failure}");
        }
    }

    [Fact]
    public void Load_OfALongerGradientThanAllowed_IsRefusedBeforeItIsRead()
    {
        using var stream = new MemoryStream(Bytes(_contribution));
        Assert.Throws<FormatException>(() => LearnerContribution.Load(stream, maximumLength: 2));
        Assert.True(stream.Position < stream.Length - 32);
    }

    private static byte[] Bytes(LearnerContribution contribution)
    {
        using var stream = new MemoryStream();
        contribution.Save(stream);
        return stream.ToArray();
    }
}
