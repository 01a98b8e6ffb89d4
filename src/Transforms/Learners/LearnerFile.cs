using System.Security.Cryptography;
using Google.Protobuf;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms.Learners;

/// <summary>
/// The bytes of a learner file: an ONNX model, followed by one more metadata property with the checksum of all bytes before it. Protocol
/// buffers are read to the end of the file, so the property belongs to the model, and any ONNX reader accepts both.
/// </summary>
internal static class LearnerFile
{
    private const string ChecksumKey = "mlnetmeta.checksum";
    private static readonly int _trailerLength = Trailer([]).Length;

    /// <summary>Serialises a model with its checksum.</summary>
    public static byte[] Write(ModelProto model)
    {
        var content = model.ToByteArray();
        return [.. content, .. Trailer(content)];
    }

    /// <summary>Reads a file and checks that its bytes are the ones that <see cref="Write"/> returned.</summary>
    /// <exception cref="FormatException">The file is damaged, or is not a learner file.</exception>
    /// <exception cref="NotSupportedException">The file was written by a newer version of this library.</exception>
    public static (ModelProto Model, LearnerMetadata Metadata) Read(byte[] file)
    {
        ModelProto model;
        try
        {
            // What is not known here is not handed on to ONNX Runtime, which may know it.
            model = ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(file);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw Throw.DamagedLearner("it is not an ONNX model, or is truncated: " + exception.Message, exception);
        }

        if (model.Graph is null)
        {
            throw Throw.NotALearner();
        }

        var last = model.MetadataProps.LastOrDefault();
        var hasChecksum = last?.Key == ChecksumKey;
        if (hasChecksum && !IsIntact(file))
        {
            throw Throw.DamagedLearner("its checksum is wrong");
        }

        var metadata = LearnerMetadata.Read(model);
        // Files of the first version have none.
        if (!hasChecksum && metadata.Version > 1)
        {
            throw Throw.DamagedLearner("its checksum is missing");
        }

        return (model, metadata);
    }

    private static bool IsIntact(byte[] file) =>
        file.Length >= _trailerLength && file.AsSpan(^_trailerLength..).SequenceEqual(Trailer(file.AsSpan(..^_trailerLength)));

    private static byte[] Trailer(ReadOnlySpan<byte> content) => new ModelProto
    {
        MetadataProps = { new StringStringEntryProto { Key = ChecksumKey, Value = Convert.ToHexStringLower(SHA256.HashData(content)) } },
    }.ToByteArray();
}
